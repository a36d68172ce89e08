/** Finding and making elements. Text always goes in as text, so nothing that people typed can become markup. */

/** The element `selector` names inside `root`. Throws when it is missing: template and script then disagree. */
export function need<T extends Element>(selector: string, root: ParentNode = document): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

type Attributes = Readonly<Record<string, string | boolean>>;

/** A new element; attributes that are `false` are left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Set text only when it differs: a live region speaks on each change, and layout is not disturbed for nothing. */
export function say(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}

export function show(element: Element | null, visible: boolean): void {
  if (element instanceof HTMLElement) element.hidden = !visible;
}

/** The JSON in a data attribute, written there by the template. */
export function dataOf<T>(element: HTMLElement, name: string): T {
  const text = element.dataset[name];
  if (text === undefined) throw new Error(`the page has no data-${name}`);
  return JSON.parse(text) as T;
}

/** Whether a key press belongs to what has the focus (a field, a button) and not to the page. */
export function keyBelongsTo(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  return target.closest("input, select, textarea, button, a, summary, dialog, [role='slider']") !== null;
}
