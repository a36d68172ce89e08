/** How an edge says that it wants a ticket. */

const CODES = { house_full: true, ticket_needed: true } as const;

/** problem: the document of RFC 9457, as text. */
export function isHouseFull(problem: string): boolean {
  try {
    return (JSON.parse(problem) as { code?: string }).code! in CODES;
  } catch {
    return false;
  }
}
