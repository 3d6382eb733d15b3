/** Files that people sent to the bot. The address holds its token, so it is in no error and no log. */
import type { Download } from './telegram-surface.js';

/** @param apiRoot without a slash at the end */
export function telegramFiles({ apiRoot, token, timeoutMs }: { apiRoot: string; token: string; timeoutMs: number }): Download {
  return async (fileId, mostBytes) => {
    const found = await fetched(`${apiRoot}/bot${token}/getFile?file_id=${encodeURIComponent(fileId)}`, timeoutMs);
    const { result } = (await found.json()) as { result?: { file_path?: string; file_size?: number } };
    const path = result?.file_path;
    if (path === undefined || !/^[\w./-]+$/.test(path) || path.includes('..')) throw new Error('Telegram gave no path of the file');
    if ((result?.file_size ?? 0) > mostBytes) return undefined;
    const file = await fetched(`${apiRoot}/file/bot${token}/${path}`, timeoutMs);
    const pieces: Uint8Array[] = [];
    let size = 0;
    // What it says beforehand need not be so.
    for await (const piece of file.body ?? []) {
      size += piece.length;
      if (size > mostBytes) return undefined;
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  };
}

async function fetched(address: string, timeoutMs: number): Promise<Response> {
  const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' }).catch((error: unknown) => {
    throw new Error(`Telegram could not be asked for a file: ${(error as Error).name}`);
  });
  if (!response.ok) throw new Error(`Telegram answered ${response.status} when it was asked for a file`);
  return response;
}
