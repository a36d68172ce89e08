/** Asks before what cannot be undone, in a dialog of the page's own. Without a script the form just goes. */

import { make } from "./dom";

/** True when the person presses the button that names the act. Escape and "Keep things as they are" say no. */
export function confirmed(question: string, act: string): Promise<boolean> {
  const no = make("button", { class: "button", type: "button" }, "Keep things as they are");
  const yes = make("button", { class: "button button--primary", type: "button" }, act);
  const text = make("p", { class: "dialog__text", id: "dialog-question" }, question);
  const dialog = make(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-question" },
    text,
    make("div", { class: "dialog__acts" }, no, yes),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    const answer = (value: boolean): void => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    no.addEventListener("click", () => answer(false));
    yes.addEventListener("click", () => answer(true));
    dialog.addEventListener("cancel", () => answer(false));
    dialog.showModal();
    no.focus();
  });
}

export function enableConfirmations(root: ParentNode = document): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-confirm]")) {
    let agreed = false;
    form.addEventListener("submit", (event) => {
      if (agreed || event.defaultPrevented) return;
      event.preventDefault();
      const button = event.submitter;
      void confirmed(form.dataset["confirm"] ?? "", button?.textContent?.trim() || "Go on").then((yes) => {
        if (!yes) return;
        agreed = true;
        form.requestSubmit(button);
      });
    });
  }
}
