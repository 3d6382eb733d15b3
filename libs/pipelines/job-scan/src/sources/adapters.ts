/** Which adapter reads which type of source. A new one is a file here and a line below. */
import type { SourceType } from '../config/config.js';
import { ashby } from './ashby.js';
import { feed } from './feed.js';
import { greenhouse } from './greenhouse.js';
import { lever } from './lever.js';
import type { BoardAdapter } from './raw-posting.js';
import { recruitee } from './recruitee.js';
import { smartrecruiters } from './smartrecruiters.js';
import { workable } from './workable.js';

export const ADAPTERS: Readonly<Record<SourceType, BoardAdapter>> = { greenhouse, lever, ashby, smartrecruiters, workable, recruitee, rss: feed, 'json-feed': feed };
