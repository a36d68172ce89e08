/** `<button data-share="URL" data-title>`: the device's own share sheet, where there is one. */

export function enableShare(root: ParentNode = document): void {
  if (!("share" in navigator)) return;
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const share = { url: button.dataset["share"] ?? location.href, title: button.dataset["title"] ?? document.title };
      // Closing the sheet rejects the promise; that is an answer, not a failure.
      navigator.share(share).catch(() => undefined);
    });
  }
}
