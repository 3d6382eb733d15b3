/** From the notices that were claimed together to the one message that is sent: a burst for one reader becomes a digest, what may be a repetition says so. Pure. */
import type { ClaimedNotice } from '@carillon/persistence';
import { html, render } from '@carillon/texts';
import type { Catalogue, RenderedNotice } from '@carillon/texts';

export interface Written {
  claim: ClaimedNotice;
  notice: RenderedNotice;
}

export interface Composed {
  /** What the message says; undefined when none of the notices has a text. */
  message: RenderedNotice | undefined;
  /** The notices in it, in order. */
  told: Written[];
  /** Wrong in themselves, and for ever. */
  broken: { claim: ClaimedNotice; why: string }[];
  /** Left for a message of their own: they have buttons or a picture, or there was no room. */
  left: ClaimedNotice[];
}

/** A digest stays within one message of any channel. */
const DIGEST_LENGTH = 3_500;

export function compose(catalogue: Catalogue, claims: readonly ClaimedNotice[]): Composed {
  const written: Written[] = [];
  const broken: Composed['broken'] = [];
  for (const claim of claims) {
    try {
      written.push({ claim, notice: marked(render(catalogue, claim.messageType, claim.content), claim.possiblyRepeated) });
    } catch (error) {
      broken.push({ claim, why: (error as Error).message });
    }
  }
  const told = together(written);
  const left = written.slice(told.length).map(({ claim }) => claim);
  return { message: told.length > 1 ? digest(told) : told[0]?.notice, told, broken, left };
}

/** As many from the beginning as fit into one message; what has more than words goes alone. */
function together(written: readonly Written[]): Written[] {
  const told: Written[] = [];
  let length = 0;
  for (const one of written) {
    length += one.notice.text.length + 2;
    if (told.length > 0 && (isAlone(one.notice) || length > DIGEST_LENGTH)) break;
    told.push(one);
    if (isAlone(one.notice)) break;
  }
  return told;
}

const isAlone = ({ buttons = [], photo, confidential }: RenderedNotice): boolean => buttons.length > 0 || photo !== undefined || confidential === true;

function digest(told: readonly Written[]): RenderedNotice {
  return { text: [html`<b>${told.length} notices</b>`.source, ...told.map(({ notice }) => notice.text)].join('\n\n'), subject: `${told.length} notices` };
}

function marked(notice: RenderedNotice, possiblyRepeated: boolean): RenderedNotice {
  if (!possiblyRepeated) return notice;
  return { ...notice, text: `🔁 <i>Possibly repeated</i>\n${notice.text}`, ...(notice.subject !== undefined && { subject: `Possibly repeated: ${notice.subject}` }) };
}
