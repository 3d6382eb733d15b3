/**
 * One whole Carillon for a spec, as its users meet it: a database of its own, a nats-server with the real users and permissions, the services as
 * processes built from what ships, the command line, and nothing of ours loaded into the spec's process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceName, ServiceProcess, TestDatabase } from '@carillon/testing';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';

export interface TowerOptions {
  /** Added to every service's environment. */
  env?: Record<string, string>;
  services?: readonly ServiceName[];
}

/** What a service answered over HTTP; `body` is parsed when it is JSON, the text otherwise. */
export interface Answer<T> {
  status: number;
  contentType: string;
  body: T;
}

export interface Finished {
  code: number | NodeJS.Signals;
  stdout: string;
  stderr: string;
}

/** Everyone that tools/nats/nats.conf knows. */
export type NatsUser = ServiceName | 'operator' | 'worker';

export const SERVICES: readonly ServiceName[] = ['intake', 'scheduler', 'notifier', 'backup'];
export const workspace = resolve(import.meta.dirname, '..');

const USERS: readonly NatsUser[] = [...SERVICES, 'operator', 'worker'];
const passwordOf = (user: NatsUser): string => `password-of-${user}`;
const NATS_PASSWORDS = Object.fromEntries(USERS.map((user) => [`NATS_${user.toUpperCase()}_PASSWORD`, passwordOf(user)]));

export class Tower {
  /** Ends that nobody asked for; a spec that leaves services alone expects none. */
  readonly fell: string[] = [];
  apiKey = '';
  private readonly running = new Map<ServiceName, ServiceProcess>();
  private readonly condemned = new Set<ServiceProcess>();
  private readonly connections: NatsConnection[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly nats: NatsServer,
    private readonly pool: pg.Pool,
    private readonly env: Record<string, string>,
  ) {}

  /** Resolves when every service is ready. */
  static async open({ env = {}, services = SERVICES }: TowerOptions = {}): Promise<Tower> {
    const [database, nats] = await Promise.all([testDatabase(), natsServer({ configFile: resolve(workspace, 'tools/nats/nats.conf'), env: NATS_PASSWORDS })]);
    const tower = new Tower(database, nats, new pg.Pool({ connectionString: database.url, max: 2 }), env);
    try {
      tower.apiKey = (await tower.carillon('keys', 'issue', 'local')).stdout.trim();
      await Promise.all(services.map((name) => tower.start(name)));
      await tower.ready();
      return tower;
    } catch (error) {
      await tower.close();
      throw error;
    }
  }

  service(name: ServiceName): ServiceProcess {
    const service = this.running.get(name);
    if (!service) throw new Error(`${name} was not started in this tower: name it in "services"`);
    return service;
  }

  /** The process numbers by which a spec sees that nothing was restarted. */
  pids(): number[] {
    return [...this.running.values()].map(({ pid }) => pid);
  }

  /** Resolves when every service is ready that was started. */
  async ready(): Promise<void> {
    await Promise.all([...this.running.values()].map((service) => service.ready(120_000)));
  }

  /** SIGKILL, and at once a new process at the same address, which is not waited for. */
  async crash(name: ServiceName): Promise<void> {
    const service = this.service(name);
    this.condemned.add(service);
    await service.kill('SIGKILL');
    await this.start(name, new URL(service.url).port);
  }

  /** Asks every service to stop. @returns how each ended */
  async stopServices(): Promise<Record<string, number | NodeJS.Signals>> {
    for (const service of this.running.values()) this.condemned.add(service);
    const ends = await Promise.all([...this.running.values()].map(async (service) => [service.name, await service.kill('SIGTERM')] as const));
    return Object.fromEntries(ends);
  }

  /** What was stopped comes up again, each as a new process; resolves when all are ready. */
  async startServices(): Promise<void> {
    await Promise.all([...this.running.keys()].map((name) => this.start(name)));
    await this.ready();
  }

  /** Ends everything, whatever state it is in. */
  async close(): Promise<void> {
    for (const service of this.running.values()) this.condemned.add(service);
    await Promise.all([...this.running.values()].map((service) => service.kill('SIGKILL')));
    await Promise.all(this.connections.map((connection) => connection.close()));
    await this.pool.end();
    await this.nats.kill();
    await this.database.drop();
  }

  /** One request with the operator's key; a string or bytes go out as they are, anything else as JSON. */
  async ask<T = Record<string, unknown>>(service: ServiceName, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(new URL(path, this.service(service).url), {
      method,
      headers: { authorization: `Bearer ${this.apiKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const contentType = response.headers.get('content-type') ?? '';
    const text = await response.text();
    return { status: response.status, contentType, body: (contentType.includes('json') ? JSON.parse(text) : text) as T };
  }

  /** Registers a person who may submit. */
  async register(ref: string): Promise<void> {
    const { status, body } = await this.ask('intake', 'PUT', `/deliberation/accounts/${ref}`, { emailVerified: true, messagingVerified: true, linkedAt: '2026-01-01T00:00:00Z' });
    if (status !== 200) throw new Error(`account ${ref} was not registered: ${status} ${JSON.stringify(body)}`);
  }

  /** The command line against this tower. */
  carillon(...args: string[]): Promise<Finished> {
    return program(process.execPath, ['--enable-source-maps', resolve(workspace, 'program/cli.js'), ...args], this.operatorEnvironment()).finished;
  }

  /** What the command line needs to know of this tower. */
  operatorEnvironment(): Record<string, string> {
    const urls = Object.fromEntries([...this.running.values()].map(({ name, url }) => [`${name.toUpperCase()}_URL`, url]));
    return { ...this.env, ...urls, DATABASE_URL: this.database.url, NATS_URL: this.natsUrl('operator'), CARILLON_API_KEY: this.apiKey };
  }

  /** A plain client of the bus, with the rights of one of its users. */
  async connect(user: NatsUser): Promise<NatsConnection> {
    const connection = await connect({ port: this.nats.port, user, pass: passwordOf(user), ...(user !== 'operator' && { inboxPrefix: `_INBOX_${user}` }), maxReconnectAttempts: -1 });
    this.connections.push(connection);
    return connection;
  }

  async query<T extends object>(sql: string, ...values: unknown[]): Promise<T[]> {
    return (await this.pool.query<T>(sql, values)).rows;
  }

  private async start(name: ServiceName, port?: string): Promise<void> {
    const env = { DATABASE_URL: this.database.url, NATS_URL: this.natsUrl(name), ...this.env, ...(port !== undefined && { HTTP_PORT: port }) };
    const service = await spawnService(name, env);
    this.running.set(name, service);
    void service.exited.then((how) => {
      if (!this.condemned.has(service)) this.fell.push(`${name} ended with ${how}; it said:\n${service.output().slice(-4_000)}`);
    });
  }

  private natsUrl(user: NatsUser): string {
    return `nats://${user}:${passwordOf(user)}@127.0.0.1:${this.nats.port}`;
  }
}

export interface RunningProgram {
  readonly pid: number;
  /** What it printed until now, stdout and stderr in order of arrival. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
}

/** Starts a program with our environment, without the test runner's options, and this one on top; undefined takes a variable away. */
export function program(command: string, args: readonly string[], env: Record<string, string | undefined> = {}, cwd = workspace): RunningProgram {
  const { NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = spawn(command, args, { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [all, stdout, stderr] = ['', '', ''];
  child.stdout.on('data', (data: Buffer) => ((stdout += data.toString()), (all += data.toString())));
  child.stderr.on('data', (data: Buffer) => ((stderr += data.toString()), (all += data.toString())));
  const finished = once(child, 'close').then(([code, signal]) => ({ code: (code ?? signal) as number | NodeJS.Signals, stdout, stderr }));
  return { pid: child.pid ?? 0, output: () => all, kill: (signal) => void child.kill(signal), finished };
}
