/** What a number was measured on; a figure without it can not be compared with anything. */
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

/**
 * @param {{ postgres: string, natsServer: string }} servers their versions
 * @returns {Record<string, string | number>}
 */
export function describeMachine(servers) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release()}`,
    node: process.versions.node,
    ...servers,
    // Other work on the machine makes every figure larger.
    loadAverageBefore: loadBefore,
  };
}

const [loadBefore] = loadavg().map((load) => Math.round(load * 100) / 100);
