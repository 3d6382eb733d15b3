/** Makes text that others wrote safe to store: Postgres has no NUL, UTF-8 has no half of a surrogate pair, and a title has 255 characters. */

/** The text without NUL and with U+FFFD for each half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * At most `length` UTF-16 units, cut at a word when one ends in the last quarter, with an ellipsis, and never through a surrogate pair.
 */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const room = text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '');
  const space = room.lastIndexOf(' ');
  return `${(space > length * 0.75 ? room.slice(0, space) : room).trimEnd()}…`;
}
