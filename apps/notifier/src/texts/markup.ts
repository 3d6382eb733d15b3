/**
 * From the HTML that notices are written in to what other channels show. The HTML is our own (libs/texts escapes all that is put in) and knows few
 * tags, so a walk over its tags and entities is the whole of it.
 */

export type Piece = { kind: 'text'; text: string } | { kind: 'open'; tag: string; href?: string } | { kind: 'close'; tag: string };

/** Tags and the decoded text between them, in order. */
export function piecesOf(html: string): Piece[] {
  return (html.match(/<\/?[a-z][^>]*>|[^<]+|</giu) ?? []).map((token) => {
    const [, slash, tag = ''] = /^<(\/?)([a-z][a-z-]*)/i.exec(token) ?? [];
    if (slash === undefined) return { kind: 'text', text: decoded(token) };
    if (slash === '/') return { kind: 'close', tag: tag.toLowerCase() };
    const href = /\bhref="([^"]*)"/i.exec(token)?.[1];
    return { kind: 'open', tag: tag.toLowerCase(), ...(href !== undefined && { href: decoded(href) }) };
  });
}

/** Without markup; a link's address stands behind its words. */
export function plainOf(html: string): string {
  const open: { href: string | undefined; from: number }[] = [];
  let text = '';
  for (const piece of piecesOf(html)) {
    if (piece.kind === 'text') text += piece.text;
    else if (piece.tag !== 'a') continue;
    else if (piece.kind === 'open') open.push({ href: piece.href, from: text.length });
    else {
      const link = open.pop();
      if (link?.href !== undefined && text.slice(link.from) !== link.href) text += ` (${link.href})`;
    }
  }
  return text.trim();
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function decoded(text: string): string {
  return text.replace(/&(?:([a-z]+)|#(\d+)|#x([\da-f]+));/gi, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
