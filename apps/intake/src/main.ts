/** The front door: takes what people send, reads it while they wait, and works on the steps that need the same skills. */
import { runService } from '@carillon/runtime';
import { furnish, tables } from './intake.js';

await runService({ name: 'intake', describes: 'The front door: submissions in, groups, ballots and evidence to read.', tables, furnish });
