/** Any RSS, Atom or RDF feed, and any JSON Feed: an item is a posting. A feed library reads the formats; here is what their fields mean to us. */
import { parseFeed } from 'feedsmith';
import { htmlToText } from '../rules/html-text.js';
import { BadAnswer } from './errors.js';
import { fieldsOf, inside, listAt, neededText, objectsAt, textAt, timeOf } from './fields.js';
import type { Fields } from './fields.js';
import type { BoardAdapter, BoardPage } from './raw-posting.js';

export const feed: BoardAdapter = {
  version: 1,
  format: 'feed',
  first: ({ baseUrl, identifier }) => baseUrl ?? identifier,
  page(answer, _source, url) {
    const { format, feed: parsed } = read(answer);
    const fields = fieldsOf(parsed, 'a feed');
    const items = objectsAt(fields, format === 'atom' ? 'entries' : 'items');
    return { items, ...nextOf(format, fields, url) };
  },
  posting(item) {
    const entry = fieldsOf(item, 'an item');
    const url = linkOf(entry);
    const company = authorOf(entry);
    return {
      externalId: textAt(inside(entry, 'guid'), 'value') ?? textAt(entry, 'id') ?? url,
      title: htmlToText(textAt(inside(entry, 'title'), 'value') ?? neededText(entry, 'title')),
      ...(company !== undefined && { company }),
      location: textAt(entry, 'location') ?? null,
      description: htmlToText(contentOf(entry)),
      url,
      postedAt: timeOf(textAt(entry, 'pubDate') ?? textAt(entry, 'published') ?? textAt(entry, 'date_published') ?? textAt(inside(entry, 'dc'), 'date')),
      updatedAt: timeOf(textAt(entry, 'updated') ?? textAt(entry, 'date_modified')),
      details: {},
    };
  },
};

/** @throws BadAnswer when it is no feed of any kind */
function read(answer: unknown): { format: string; feed: unknown } {
  try {
    return parseFeed(answer as string);
  } catch (cause) {
    throw new BadAnswer('the answer is neither RSS, Atom, RDF nor a JSON Feed', { cause });
  }
}

function nextOf(format: string, fields: Fields, url: string): Pick<BoardPage, 'next'> {
  const links = [...objectsAt(fields, 'links'), ...objectsAt(inside(fields, 'atom'), 'links')];
  const next = format === 'json' ? textAt(fields, 'next_url') : links.map((link) => (textAt(link, 'rel') === 'next' ? textAt(link, 'href') : undefined)).find((href) => href !== undefined);
  return next !== undefined && URL.canParse(next, url) ? { next: new URL(next, url).href } : {};
}

function linkOf(entry: Fields): string {
  const links = objectsAt(entry, 'links');
  const alternate = links.find((link) => (textAt(link, 'rel') ?? 'alternate') === 'alternate') ?? links[0];
  return textAt(entry, 'link') ?? (alternate && textAt(alternate, 'href')) ?? textAt(entry, 'url') ?? neededText(entry, 'external_url');
}

function contentOf(entry: Fields): string {
  const encoded = textAt(inside(entry, 'content'), 'encoded') ?? textAt(inside(entry, 'content'), 'value') ?? textAt(entry, 'content');
  return encoded ?? textAt(entry, 'content_html') ?? textAt(entry, 'content_text') ?? textAt(entry, 'description') ?? textAt(inside(entry, 'summary'), 'value') ?? textAt(entry, 'summary') ?? '';
}

/** Job feeds name the company as the author, if they name it at all. */
function authorOf(entry: Fields): string | undefined {
  const [author] = [...listAt(inside(entry, 'dc'), 'creators'), ...listAt(entry, 'authors')];
  if (typeof author === 'string') return author.trim() || undefined;
  return typeof author === 'object' && author !== null ? textAt(author as Fields, 'name') : undefined;
}
