import type { KeyHolder } from '@carillon/persistence';

/** Who sends: a key's name and rights. */
export type Caller = Pick<KeyHolder, 'name' | 'rights'>;
