/** How a harmed process is driven: one order a line on stdin. */
import { createInterface } from 'node:readline';

/** @param {Record<string, (argument: any) => unknown>} orders by name; `stop` is also what SIGTERM means */
export function obey(orders) {
  const carryOut = (order, argument) => void Promise.resolve(orders[order](argument)).catch((error) => failed(order, error));
  process.on('SIGTERM', () => carryOut('stop'));
  createInterface({ input: process.stdin })
    .on('line', (line) => carryOut(...JSON.parse(line)))
    // A parent that is gone needs nobody.
    .on('close', () => process.exit(0));
}

export function failed(order, error) {
  process.stderr.write(`${order}: ${error.stack}\n`);
  process.exit(1);
}
