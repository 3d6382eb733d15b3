/** What the global setup of the test run tells its workers. */
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { NoTestEnvironment, TemplateNotMigrated } from './errors.js';

export function fromEnvironment(variable: 'TEST_DATABASE_ADMIN_URL' | 'TEST_TEMPLATE_DATABASE' | 'TEST_FOLDER' | 'NATS_SERVER_BIN'): string {
  const value = process.env[variable];
  if (value === undefined || value === '') throw new NoTestEnvironment(variable);
  return value;
}

/** The name of the migrated database that specs clone. */
export function templateDatabase(): string {
  const problem = process.env['TEST_TEMPLATE_PROBLEM'];
  if (problem !== undefined) throw new TemplateNotMigrated(problem);
  return fromEnvironment('TEST_TEMPLATE_DATABASE');
}

/** A port on 127.0.0.1 that nobody listens on, below the range that the system gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
