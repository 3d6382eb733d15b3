/** One measurement in a process of its own, so that its memory is that of the scan. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inherited } from '../temporary-stack.mjs';

/** @param {object} task what scan-process.mjs is to do @returns {Promise<any>} what it measured */
export async function inScanProcess(task) {
  const child = fork(join(import.meta.dirname, 'scan-process.mjs'), [], { env: inherited(), execArgv: ['--enable-source-maps'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(task);
  const answer = await Promise.race([once(child, 'message').then(([message]) => message), once(child, 'exit').then(([code]) => Promise.reject(new Error(`the measuring process ended with ${code}`)))]);
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
  return answer;
}
