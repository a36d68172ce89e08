/** Copy buttons: `<button data-copy="#id-of-field">`. Says in the button that it worked, for two seconds. */

export function enableCopyButtons(root: ParentNode = document): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    const words = button.textContent ?? "";
    button.addEventListener("click", () => {
      const field = document.querySelector<HTMLInputElement>(button.dataset["copy"] ?? "");
      if (field === null) return;
      field.select();
      void written(field.value).then((worked) => {
        button.textContent = worked ? "Copied" : "Press Ctrl and C";
        setTimeout(() => {
          button.textContent = words;
        }, 2000);
      });
    });
  }
}

async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without HTTPS, or without permission, the browser refuses; the field is selected, so a key press copies it.
    return false;
  }
}
