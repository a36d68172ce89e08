/** Asking a server, and what went wrong in words: problem documents of RFC 9457. */

export class Problem extends Error {
  override readonly name = "Problem";

  /** status 0: no answer at all. message: the server's own text for people. retryAfterS: when it says so. */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }

  /** Trying again can help without anybody doing anything. */
  get passes(): boolean {
    return this.status === 0 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

export const NO_ANSWER = "There is no answer from the server. Check your connection; we keep trying.";

/** The problem in an answer that is not a success. */
export async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  let code = `http_${response.status}`;
  let text = `The server answered with ${response.status}. Reload the page and try again.`;
  if ((response.headers.get("Content-Type") ?? "").includes("json")) {
    const document = (await response.json().catch(() => null)) as { code?: unknown; detail?: unknown } | null;
    if (typeof document?.code === "string") code = document.code;
    if (typeof document?.detail === "string") text = document.detail;
  }
  return new Problem(response.status, code, text, Number.isFinite(retryAfter) ? retryAfter : null);
}

/** fetch that throws a Problem for everything but a success. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "no_answer", NO_ANSWER);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function askJson<T>(url: string, init: RequestInit = {}): Promise<T> {
  return (await (await ask(url, init)).json()) as T;
}
