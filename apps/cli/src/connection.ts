/** Where the running stack is, as `npm run carillon` found it or the environment says; with the remedy when it says nothing. */
import { existsSync, readFileSync } from 'node:fs';
import type { Bus } from '@carillon/messaging';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`no stack is running here and ${name} is not set: run "npm start" in another terminal, or set ${name}`);
  return value;
}

export async function withBus<T>(work: (bus: Bus) => Promise<T>): Promise<T> {
  // With it comes all of Nest, which commands that only ask the database can do without.
  const { connectBus } = await import('@carillon/messaging');
  const bus = await connectBus({ url: fromEnvironment('NATS_URL'), service: 'operator', log: silent, connectWithinMs: 5_000 });
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}

/** Asks a service's HTTP API with the operator's key. @throws Error that says what the service answered */
export async function askService<T>(service: 'INTAKE' | 'SCHEDULER' | 'NOTIFIER' | 'BACKUP', method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const url = new URL(path, fromEnvironment(`${service}_URL`));
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${apiKey()}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    throw new Error(`${service.toLowerCase()} does not answer at ${url.origin}: is it running?`, { cause });
  });
  const answer = (await response.json().catch(() => ({}))) as { detail?: string };
  if (!response.ok) throw new Error(`${service.toLowerCase()} answered ${response.status} to ${method} ${path}: ${answer.detail ?? response.statusText}`);
  return answer as T;
}

function apiKey(): string {
  const key = process.env['CARILLON_API_KEY'];
  if (key) return key;
  const file = process.env['CARILLON_API_KEY_FILE'];
  if (file && existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new Error('no API key: set CARILLON_API_KEY, or make one with "carillon keys issue NAME"');
}
