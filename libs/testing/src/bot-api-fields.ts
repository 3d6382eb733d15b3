/** What a request to the Bot API says: JSON, or a form with a file. Node's own reader of forms is stricter than Telegram is with what grammY writes. */

/** The fields, those that are JSON parsed; `uploaded` is the file's content in base64. */
export function botApiFields(contentType: string | undefined, body: Buffer): Record<string, unknown> {
  const boundary = /^multipart\/form-data; ?boundary=(.+)$/.exec(contentType ?? '')?.[1];
  if (boundary === undefined) return JSON.parse(body.toString() || '{}') as Record<string, unknown>;
  const fields: Record<string, unknown> = {};
  for (const part of body.toString('latin1').split(`--${boundary}`).slice(1, -1)) {
    const [, head = '', value = ''] = /^\r\n([^]*?)\r\n\r\n([^]*)\r\n$/.exec(part) ?? [];
    const bytes = Buffer.from(value, 'latin1');
    if (head.includes('filename=')) fields['uploaded'] = bytes.toString('base64');
    else fields[/name="([^"]*)"/.exec(head)?.[1] ?? ''] = parsed(bytes.toString());
  }
  return fields;
}

const parsed = (text: string): unknown => (/^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text);
