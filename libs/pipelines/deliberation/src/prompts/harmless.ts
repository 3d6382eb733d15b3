/**
 * What no honest answer holds. A model that was talked into something can put it only into the fields that are read; what would do harm there is found here, whoever asked
 * for it.
 */
import { redactForModel } from '@carillon/language';

/** The domains of links that are written without a scheme; a full stop without a space, as in "bad.Good", is none. */
const LINK = /\b[a-z][a-z0-9+.-]*:\/\/\S+|\bwww\.\S+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|ir|me|ly|app|dev|info|biz|xyz|top|site|online|link|click)\b(?:\/\S*)?|(?<![\p{L}\p{N}])@[\p{L}\p{N}_]{3,}|\bjavascript:/giu;
/** Text direction overrides, zero-width and control characters: what is read is not what is there. Joiners stay, Persian is written with them. */
const INVISIBLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
/** So many characters of a template in a row are no coincidence. */
const LEAK_LENGTH = 60;

/** The text without links, addresses and numbers to call, and without what is not seen. */
export function withoutHarm(text: string): string {
  return redactForModel(text.replace(INVISIBLE, '').replace(LINK, '[link]'));
}

/** Whether a text would lead its reader elsewhere. */
export function leadsElsewhere(text: string): boolean {
  return withoutHarm(text) !== text;
}

/** Whether a text repeats what the model was told. */
export function leaks(text: string, template: string): boolean {
  const [said, told] = [text, template].map((one) => one.replace(/\s+/g, ' ').toLowerCase()) as [string, string];
  for (let start = 0; start + LEAK_LENGTH <= said.length; start += 10) if (told.includes(said.slice(start, start + LEAK_LENGTH))) return true;
  return false;
}
