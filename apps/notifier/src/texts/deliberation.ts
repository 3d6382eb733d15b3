/** What the public and submitters are told about a deliberation. Stands here until the pipeline exports its own catalogue. */
import type { JsonObject } from '@carillon/engine';
import type { Catalogue, RenderedNotice } from './catalogue.js';
import { instantOf, numberOf, optionalTextOf, textOf, textsOf } from './content.js';
import { html } from './html.js';

export const deliberationTexts: Catalogue = {
  /** `{ ends_at, size, topics: the first few, carried_over?, link? }` */
  ballot_opened: (content) => {
    const [size, topics] = [numberOf(content, 'size'), textsOf(content, 'topics')];
    const carriedOver = content['carried_over'] == null ? 0 : numberOf(content, 'carried_over');
    const lines = [html`<b>A ballot is open</b> until ${instantOf(content, 'ends_at')}, on ${counted(size, 'topic')}:`, html``, ...topics.map((topic) => html`• ${topic}`)];
    if (size > topics.length) lines.push(html`… and ${size - topics.length} more`);
    if (carriedOver > 0) lines.push(html``, html`${counted(carriedOver, 'topic')} did not fit and will be on the next ballot.`);
    return { text: lines.join('\n'), ...linkTo(content, 'Vote') };
  },
  /** `{ size, voters, eligible, turnout: a share such as "0.6667", link? }`; no winners, as options are stances. */
  results: (content) => {
    const turnout = Number(textOf(content, 'turnout')) * 100;
    const lines = [
      html`<b>The ballot is closed and counted.</b>`,
      html`${counted(numberOf(content, 'voters'), 'person', 'people')} of ${numberOf(content, 'eligible')} voted (${turnout.toFixed(1)} %) on ${counted(numberOf(content, 'size'), 'topic')}.`,
    ];
    return { text: lines.join('\n'), ...linkTo(content, 'Results') };
  },
  /** `{ reason }`, in the submitter's language. */
  submission_rejected: (content) => ({ text: html`${textOf(content, 'reason')}`.source, ...linkTo(content, 'More') }),
};

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function linkTo(content: JsonObject, text: string): Pick<RenderedNotice, 'buttons'> {
  const url = optionalTextOf(content, 'link');
  return url === undefined ? {} : { buttons: [[{ text, url }]] };
}
