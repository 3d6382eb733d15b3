/** The pipelines that this scheduler hosts: one line each. */
import { deliberation, deliberationPushes } from '@carillon/deliberation';
import { jobScan } from '@carillon/job-scan';
import { memory } from '@carillon/memory';
import type { HostablePipeline, HostedPipeline } from '@carillon/persistence';
import type { House } from '@carillon/runtime';

const pipelines: HostablePipeline[] = [
  deliberation,
  deliberationPushes,
  jobScan,
  memory,
];

export const tables = { entities: pipelines.flatMap(({ entities }) => entities), migrations: pipelines.flatMap(({ migrations }) => migrations) };

export interface Hosting {
  pipelines: HostedPipeline[];
  close(): Promise<void>;
}

export function hostPipelines(house: House): Hosting {
  const open = pipelines.map((one) => one.open(house));
  return { pipelines: open.map(({ hosted }) => hosted), close: async () => void (await Promise.all(open.map(({ close }) => close()))) };
}
