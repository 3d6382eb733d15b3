/** The one text of a candidate that becomes its vector; two places that built it differently would compare what is not comparable. */

/** Title, blank line, summary; only the summary when it already begins with the title, or those words would count twice. */
export function embeddingText({ title, summary }: { title: string; summary: string }): string {
  const [head, body] = [title.trim(), summary.trim()];
  return body.toLowerCase().startsWith(head.toLowerCase().replace(/[….]+$/u, '')) ? body : `${head}\n\n${body}`;
}
