/** Columns of text for people; programs ask for --json. */

/** Rows as aligned columns, the last one unpadded. Numbers stand right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_title, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const numeric = head.map((_title, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  return cells.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, numeric[column] ?? false, column === head.length - 1)).join('  ')).join('\n');
}

/** Text on one line, cut to a width, with a mark where something is missing. Anyone may have written it, so nothing in it commands the terminal. */
export function cut(text: string, width: number): string {
  const characters = [...text.replaceAll(/[\s\p{Cc}]+/gu, ' ')];
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`;
}

function pad(cell: string, width: number, right: boolean, last: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  if (right) return space + cell;
  return last ? cell : cell + space;
}

const widthOf = (text: string): number => [...text].length;
