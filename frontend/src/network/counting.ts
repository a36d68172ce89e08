/** How many characters a post counts, as the server counts them (network/text/finding.py). */

/** What a link counts, however long it is. */
export const LINK_COUNTS = 23;

const NOT_IN_LINKS = "\\s<>\"\\\\^`{|}「」『』（）【】《》〈〉“”«»。、，！？；：…\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff";
const NAME = "[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*";
const FOUND = new RegExp(
  `(?<![A-Za-z0-9@＠$#＃])(?<url>https?://[^${NOT_IN_LINKS}]+)|(?<![\\p{L}\\p{N}_@/=])@(?<mention>${NAME}(?:@${NAME})?)`,
  "giu",
);
const HOST = /^https?:\/\/(?:localhost|[^/?#:@]+\.[^/?#:@.]+)(?::\d{1,5})?(?:[/?#]|$)/iu;
const TRAILING = ".,;:!?'*_~";
const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** Code points of the NFC form; 23 for a link; "@handle" for a mention with its domain. */
export function countedLength(text: string): number {
  const normal = text.normalize("NFC");
  let count = [...normal].length;
  for (const match of normal.matchAll(FOUND)) {
    const { url, mention } = match.groups ?? {};
    if (url !== undefined) {
      const link = withoutTrailing(url);
      if (HOST.test(link)) count += LINK_COUNTS - [...link].length;
    } else if (mention !== undefined) {
      count -= mention.length - (mention.split("@")[0] ?? "").length;
    }
  }
  return count;
}

/** Without the punctuation of the sentence around it; a closing bracket belongs to a link that opens it. */
function withoutTrailing(url: string): string {
  let end = url.length;
  while (end > 0) {
    const last = url[end - 1] ?? "";
    const opening = OPENING[last];
    const inside = url.slice(0, end);
    const surplus = opening !== undefined && inside.split(last).length > inside.split(opening).length;
    if (!surplus && !TRAILING.includes(last)) break;
    end -= 1;
  }
  return url.slice(0, end);
}
