/**
 * What only the database knows, as gauges: read when somebody scrapes, at most once in some seconds however many ask, and left out (with
 * `carillon_sample_up` at 0) while the database does not answer in time. Every process shows the same house: take the maximum over instances.
 */
import type { BusStatus } from '@carillon/messaging';
import { sampleHouse } from '@carillon/persistence';
import type { HouseSample } from '@carillon/persistence';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';

const KEEP_MS = 5_000;
const ANSWER_WITHIN_MS = 2_000;

export interface GaugeSources {
  dataSource: DataSource;
  bus: { status(): Promise<BusStatus> };
}

/** Registers the gauges and answers what fills them; call it before the registry is printed. */
export function houseGauges(registry: Registry, { dataSource, bus }: GaugeSources): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> => new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('carillon_sample_up', '1 while the database answered the latest sample in time.');
  const scheduleLag = gauge('carillon_schedule_lag_seconds', 'Since the schedule that has been due longest was due.');
  const depth = gauge('carillon_queue_depth', 'Runs that are not over, by where they stand.', 'pipeline', 'status');
  const dueLag = gauge('carillon_due_lag_seconds', 'Since the step that has been due longest was due.', 'pipeline');
  const relayLag = gauge('carillon_relay_lag_seconds', 'How long the oldest promised message has waited.');
  const outbox = gauge('carillon_outbox_messages', 'Promised messages that wait to be published.');
  const deadLetters = gauge('carillon_dead_letters_open', 'Messages that nobody could handle, by reason.', 'reason');
  const notices = gauge('carillon_notices_open', 'Notices that are not over, and those whose end is uncertain or dead.', 'channel', 'status');
  const alerts = gauge('carillon_alerts_open', 'Episodes that operators were told of and that are not over.', 'kind');
  const services = gauge('carillon_services_living', 'Processes whose heart beats.', 'name');
  const connected = gauge('carillon_nats_connected', '1 while NATS answers this process.');
  const reconnects = gauge('carillon_nats_reconnects', 'How often this process lost NATS and found it again since its start.');

  const show = (sample: HouseSample): void => {
    for (const one of [depth, dueLag, deadLetters, notices, alerts, services]) one.reset();
    scheduleLag.set(sample.scheduleLagMs / 1_000);
    for (const { pipeline, status, count } of sample.depth) depth.set({ pipeline, status }, count);
    for (const { pipeline, ms } of sample.dueLag) dueLag.set({ pipeline }, Math.max(0, ms) / 1_000);
    relayLag.set(sample.outbox.oldestMs / 1_000);
    outbox.set(sample.outbox.waiting);
    for (const { reason, count } of sample.deadLetters) deadLetters.set({ reason }, count);
    for (const { channel, status, count } of sample.notices) notices.set({ channel, status }, count);
    for (const { kind, count } of sample.alerts) alerts.set({ kind }, count);
    for (const { name, count } of sample.services) services.set({ name }, count);
  };
  /** A number from before an outage would pass for one of now. */
  const forget = (): void => {
    for (const one of [scheduleLag, relayLag, outbox]) one.remove();
    for (const one of [depth, dueLag, deadLetters, notices, alerts, services]) one.reset();
  };

  return atMostEvery(KEEP_MS, async () => {
    const [sample, nats] = await Promise.all([sampleHouse(dataSource, ANSWER_WITHIN_MS).catch(() => undefined), bus.status()]);
    up.set(sample ? 1 : 0);
    if (sample) show(sample);
    else forget();
    connected.set(nats.connected ? 1 : 0);
    reconnects.set(nats.reconnects);
  });
}

/** Callers that come together, or soon after another, share one round. */
function atMostEvery(ms: number, round: () => Promise<void>): () => Promise<void> {
  let [latest, running]: [number, Promise<void> | undefined] = [-Infinity, undefined];
  return () => {
    if (running) return running;
    if (performance.now() - latest < ms) return Promise.resolve();
    running = round().finally(() => ([latest, running] = [performance.now(), undefined]));
    return running;
  };
}
