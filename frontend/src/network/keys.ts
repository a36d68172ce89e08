/** Keys for reading and acting: j and k go through the posts, the others press what is on the post. Off while typing. */

const PRESSES: Readonly<Record<string, string>> = {
  f: "[data-act='favourite']",
  b: "[data-act='boost']",
  r: "[data-act='reply']",
  o: "[data-open]",
};

export function enableKeys(help: HTMLDialogElement | null): void {
  document.querySelector("[data-keys-help]")?.addEventListener("click", () => help?.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (act(event.key, help)) event.preventDefault();
  });
}

function act(key: string, help: HTMLDialogElement | null): boolean {
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "?" && help !== null) {
    help.showModal();
    return true;
  }
  if (key === "n") return goTo("[data-compose] textarea", "[data-compose-link]");
  if (key === "/") return goTo("[data-search]", "[data-search-link]");
  const selector = PRESSES[key];
  const target = selector === undefined ? null : current()?.querySelector<HTMLElement>(selector);
  target?.click();
  return target != null;
}

function current(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-post]") ?? null;
}

function move(by: 1 | -1): boolean {
  const posts = [...document.querySelectorAll<HTMLElement>("[data-posts] [data-post]")];
  const at = posts.findIndex((post) => post === current());
  const next = posts[at === -1 ? (by === 1 ? 0 : -1) : at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

/** The field on the page, or else the page that has it. */
function goTo(place: string, way: string): boolean {
  const field = document.querySelector<HTMLElement>(place);
  const link = document.querySelector<HTMLElement>(way);
  if (field === null && link === null) return false;
  if (field !== null) field.focus();
  else link?.click();
  return true;
}

/** In a field, or with a dialog open, keys are letters. */
function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]") !== null) return true;
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, select, textarea") !== null);
}
