/** The scheduler as it runs in production, in a process of its own, with the benchmark's pipeline alone. */
import { runService } from '@carillon/runtime';
import { furnish, tables } from '../../../apps/scheduler/dist/scheduler.js';
import { bell } from './bell.mjs';

const hosting = { pipelines: [{ pipeline: bell, services: undefined }], close: async () => undefined };
await runService({ name: 'scheduler', describes: 'One pipeline that does nothing.', tables, furnish: (house) => furnish(house, hosting) });
// A measuring process that is gone needs no scheduler.
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
