/**
 * From a notice's type and content to what a person reads. A catalogue is a plain value of pure functions: each pipeline exports its own, and
 * whoever delivers merges them, so that neither knows the other.
 */
import { DuplicateText, UnknownMessageType } from './errors.js';

/** What a notice's row holds: plain JSON. */
export type NoticeContent = Readonly<Record<string, unknown>>;

/** A link, or a token of whoever filed the notice that comes back when the button is pressed; opaque, and at most 64 bytes. */
export type NoticeButton = { text: string; url: string } | { text: string; token: string };

/** Never a path: whose it is and where it lies is for its keeper to look up. */
export interface KeptPicture {
  kept: string;
}

export interface RenderedNotice {
  /** Telegram's HTML, with everything escaped that came from the content. */
  text: string;
  /** Rows of buttons below the text. */
  buttons?: readonly (readonly NoticeButton[])[];
  /** A picture above the text: as Telegram knows it, a `file_id` or an https address; or one that the recipient keeps with us, by its id. Channels that can not show it leave it out. */
  photo?: string | KeptPicture;
  /** It holds what opens a door, such as a sign-in link: once sent, the ledger keeps neither text nor content. A dry run keeps both, as nobody got it. */
  confidential?: true;
  /** Of an e-mail; without one it is the first line of the text. */
  subject?: string;
}

/** Message type → text. A function throws when the content lacks something; the notice then ends as `dead` with that reason. */
export type Catalogue = Readonly<Record<string, (content: NoticeContent) => RenderedNotice>>;

/** One catalogue of several. @throws DuplicateText */
export function mergeCatalogues(...catalogues: readonly Catalogue[]): Catalogue {
  const merged = new Map<string, Catalogue[string]>();
  for (const [messageType, text] of catalogues.flatMap((catalogue) => Object.entries(catalogue))) {
    if (merged.has(messageType)) throw new DuplicateText(messageType);
    merged.set(messageType, text);
  }
  return Object.fromEntries(merged);
}

/** @throws UnknownMessageType, or whatever the text's own function throws about the content */
export function render(catalogue: Catalogue, messageType: string, content: NoticeContent): RenderedNotice {
  const text = Object.hasOwn(catalogue, messageType) ? catalogue[messageType] : undefined;
  if (!text) throw new UnknownMessageType(messageType, Object.keys(catalogue));
  return text(content);
}
