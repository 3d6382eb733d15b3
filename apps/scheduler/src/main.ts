/** The drum: rings what is due, works on the steps it owns, relays, rescues, and answers what happened. */
import { runService } from '@carillon/runtime';
import { furnish, tables } from './scheduler.js';

await runService({ name: 'scheduler', describes: 'Runs, schedules and what came of them.', tables, furnish });
