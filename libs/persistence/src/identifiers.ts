/** Ids are UUIDv7: unique without asking anyone, and in order of time, so that indexes stay dense and lists sort by age. */
import { uuidv7 } from 'uuidv7';

export const newId = (): string => uuidv7();
