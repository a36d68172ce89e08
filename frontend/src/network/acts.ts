/** Favourite, boost, bookmark, pin, vote and leave a quote without leaving the page: what the server's new post says takes the place of the old.
 * Whatever goes wrong, the form goes as it would without a script, and the server says what is the matter. */

export function enableActs(form: HTMLFormElement): void {
  let agreed = false;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const post = button?.closest<HTMLElement>("[data-post]");
    if (agreed || !(button instanceof HTMLButtonElement) || !post) return;
    event.preventDefault();
    if (post.getAttribute("aria-busy") === "true") return;
    post.setAttribute("aria-busy", "true");
    void sent(form, button).then((html) => {
      if (html === null) {
        agreed = true;
        form.requestSubmit(button);
      } else {
        replace(post, html, button.dataset["act"] ?? "");
      }
    });
  });
}

async function sent(form: HTMLFormElement, button: HTMLButtonElement): Promise<string | null> {
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams([...new FormData(form, button)].map(([name, value]) => [name, String(value)])),
      headers: { "X-Rostra-Fragment": "1" },
    });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch (error) {
    console.warn(error);
    return null;
  }
}

/** Keeps what the reader has opened, why the post is here, and where the focus was. */
function replace(post: HTMLElement, html: string, act: string): void {
  const made = new DOMParser().parseFromString(html, "text/html").querySelector<HTMLElement>("[data-post]");
  const acts = made?.querySelector(".post__acts");
  const old = post.querySelector(".post__acts");
  post.removeAttribute("aria-busy");
  if (act === "vote") {
    votedOn(post, made);
    return;
  }
  if (!acts || !old) return;
  const quote = made?.querySelector(".quote");
  if (act === "unquote" && quote) post.querySelector(".quote")?.replaceWith(document.adoptNode(quote));
  old.replaceWith(document.adoptNode(acts));
  (post.querySelector<HTMLElement>(`button[data-act="${act}"]`) ?? post).focus({ preventScroll: true });
}

/** The poll as it stands after the vote, where the focus goes: its buttons are gone. */
function votedOn(post: HTMLElement, made: HTMLElement | null): void {
  const poll = made?.querySelector<HTMLElement>("[data-poll]");
  if (!poll) return;
  poll.tabIndex = -1;
  post.querySelector("[data-poll]")?.replaceWith(document.adoptNode(poll));
  poll.focus({ preventScroll: true });
}
