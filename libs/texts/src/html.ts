/** HTML by construction: whatever is put into a template is escaped unless it is HTML already, so content can never become markup. */

/** A piece of the HTML that Telegram understands: b, i, u, s, code, pre, a, blockquote, tg-spoiler. */
export class Html {
  constructor(readonly source: string) {}

  toString(): string {
    return this.source;
  }
}

type Insertable = Html | string | number | readonly Html[];

/** html`<b>${title}</b>`: the title is escaped, also inside an attribute's double quotes; pieces of Html and lists of them go in as they are. */
export function html(texts: TemplateStringsArray, ...values: readonly Insertable[]): Html {
  return new Html(texts.map((text, place) => (place === 0 ? text : insert(values[place - 1] ?? '') + text)).join(''));
}

/** Escapes the four characters that HTML gives a meaning. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function insert(value: Insertable): string {
  if (value instanceof Html) return value.source;
  if (typeof value === 'object') return value.map((piece) => piece.source).join('');
  return escapeHtml(String(value));
}
