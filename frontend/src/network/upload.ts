/** One file on its way to the server, with how far it is. (fetch does not say how much has been sent.) */

import { NO_ANSWER, askJson } from "../lib/problem";

/** What the server says of a file (UploadView in web/pages/attaching.py). */
export interface Taken {
  readonly id: string;
  readonly kind: string;
  readonly state: "making" | "ready" | "failed";
  readonly preview_url: string | null;
  readonly progress: number;
  readonly failure: string | null;
  readonly url: string;
}

export class Upload {
  readonly done: Promise<Taken>;
  private readonly request = new XMLHttpRequest();

  /** told: how much has gone, from 0 to 1. */
  constructor(url: string, file: File, csrf: string, told: (share: number) => void) {
    const { request } = this;
    this.done = new Promise((resolve, reject) => {
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable && event.total > 0) told(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        const answer = parsed(request.responseText);
        if (request.status === 201) resolve(answer as unknown as Taken);
        else reject(new Error(typeof answer["detail"] === "string" ? answer["detail"] : NO_ANSWER));
      });
      request.addEventListener("error", () => reject(new Error("The upload broke off. Choose the file again.")));
      const form = new FormData();
      form.append("file", file);
      request.open("POST", url);
      request.setRequestHeader("X-Rostra-CSRF", csrf);
      request.send(form);
    });
  }

  stop(): void {
    this.request.abort();
  }
}

export function askAgain(url: string): Promise<Taken> {
  return askJson<Taken>(url);
}

/** What nobody will post. It would be forgotten after a day anyway, so a failure here is nobody's trouble. */
export function forget(url: string, csrf: string): void {
  fetch(url, { method: "DELETE", headers: { "X-Rostra-CSRF": csrf } }).catch(console.warn);
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
