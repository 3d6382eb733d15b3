/** Pictures that people keep with us. Memory knows whose one is and where it lies, and reads nothing outside of its media root: a notice names it by its id alone. */
import { readImage } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import type { Pictures } from './telegram/telegram-channel.js';

export const picturesOf =
  (memory: MemoryServices): Pictures =>
  async (recipient, id) => (await readImage(memory, recipient, id)).bytes;
