/** How an edge says that it wants a ticket. */

/** problem: the document of RFC 9457, as text. */
export function isHouseFull(problem: string): boolean {
  try {
    return (JSON.parse(problem) as { code?: string }).code === "house_full";
  } catch {
    return false;
  }
}
