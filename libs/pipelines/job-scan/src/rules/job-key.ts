/** Who a posting is, and whether its text is another one: two SHA-256, as 64 hexadecimal digits. */
import { createHash } from 'node:crypto';

/** Type and identifier without regard to case; the board's own id keeps it. */
export function jobKey(type: string, identifier: string, externalId: string): string {
  return sha256(`${type.trim().toLowerCase()}:${identifier.trim().toLowerCase()}:${externalId.trim()}`);
}

/** Of title, description and location, without regard to case and blanks. Address, company and dates do not count: they do not make it another job. */
export function contentHash({ title, description, location }: { title: string; description: string; location: string | null }): string {
  return sha256([title, description, location ?? ''].map((text) => oneSpaced(text.toLowerCase().trim())).join('\n'));
}

/** Every run of blanks as one space. A space that stands alone is left as it is: replacing it by itself would cost more than everything else here. */
export const oneSpaced = (text: string): string => text.replaceAll(/\s{2,}|[^\S ]/g, ' ');

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
