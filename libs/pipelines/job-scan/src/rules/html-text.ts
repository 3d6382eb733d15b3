/** HTML of postings as the text that is matched, hashed and shown: paragraphs stay apart, entities become what they stand for, scripts and styles are no text. */
import { Parser } from 'htmlparser2';

const BLOCKS = new Set(['p', 'div', 'ul', 'ol', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'section', 'article', 'blockquote', 'pre', 'dl', 'hr', 'header', 'footer']);
const LINES = new Set(['br', 'li', 'tr', 'dt', 'dd']);
const SILENT = new Set(['script', 'style', 'noscript', 'template', 'title']);

/** Also right for what is no HTML at all. */
export function htmlToText(html: string): string {
  let text = '';
  let silent = 0;
  const begin = (name: string): void => {
    if (SILENT.has(name)) silent += 1;
    else if (BLOCKS.has(name)) text += '\n\n';
    else if (LINES.has(name)) text += name === 'li' ? '\n• ' : '\n';
    else if (name === 'td' || name === 'th') text += ' ';
  };
  const parser = new Parser(
    {
      onopentagname: begin,
      ontext: (piece) => {
        if (silent === 0) text += piece;
      },
      onclosetag: (name) => {
        if (SILENT.has(name)) silent -= 1;
        else if (BLOCKS.has(name)) text += '\n\n';
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return tidied(text);
}

/** For boards that escape their HTML once more: `&lt;p&gt;R&amp;amp;D` is a paragraph with R&D in it. */
export function escapedHtmlToText(escaped: string): string {
  let html = '';
  const parser = new Parser({ ontext: (piece) => (html += piece), onopentag: (name) => (html += `<${name}>`), onclosetag: (name) => (html += `</${name}>`) }, { decodeEntities: true });
  parser.end(escaped);
  return htmlToText(html);
}

/** Runs of blanks become one, and more than one empty line becomes one. */
export function tidied(text: string): string {
  return text
    // Only what is not a single space already: nearly every blank is one, and replacing it by itself was a sixth of reading a posting.
    .replaceAll(/[^\S\n]{2,}|[^\S\n ]/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/•\s*\n\s*(?=[^\s•])/g, '• ')
    .trim();
}
