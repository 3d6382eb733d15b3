/**
 * Tells operators that the engine fell silent. Every service that people notice watches, for a scheduler that is dead can not say so; the schedulers do
 * too, for one whose drum hangs may still beat. @see silenceOf for what counts
 */
import { silenceOf } from '@carillon/engine';
import { closeAlert, engineSigns, openAlerts, sayLooked } from '@carillon/persistence';
import type { AlertRoute } from '@carillon/persistence';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Loop } from '../loop.js';
import { alertRoute } from '../service/alert-settings.js';
import type { AlertSettings } from '../service/alert-settings.js';
import type { Watched } from '../service/vitals.js';

const LOOK_EVERY_MS = 15_000;

export interface EngineWatchOptions {
  dataSource: DataSource;
  settings: AlertSettings;
  log: Logger;
  /** Gets a notice on its way: a relay's nudge, or delivery without one where no relay may be left. */
  filed(notices: readonly string[]): void | Promise<void>;
  /** In a scheduler: its own row, and the drum whose looks it tells of. */
  own?: { serviceId: string; drum: Watched };
}

export class EngineWatch {
  private readonly loop: Loop;
  private readonly route: AlertRoute;
  private since = performance.now();

  constructor(private readonly options: EngineWatchOptions) {
    this.route = alertRoute(options.settings);
    this.loop = new Loop({ name: 'engine watch', log: options.log, runOnce: () => this.runOnce() });
  }

  start(): void {
    this.since = performance.now();
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns how long until the next look */
  async runOnce(watchingMs = performance.now() - this.since): Promise<number> {
    const { dataSource, settings, log, own, filed } = this.options;
    if (own) await sayLooked(dataSource, own.serviceId, Math.max(own.drum.overdueMs(), own.drum.failingMs()));
    const { alertId, ...signs } = await engineSigns(dataSource);
    const limitMs = settings.alertSilentSeconds * 1_000;
    const silence = silenceOf({ ...signs, watchingMs }, limitMs);
    if (silence && alertId === null) {
      const content = { why: silence.why, seconds: Math.round(silence.forMs / 1_000) };
      const { notices } = await openAlerts(dataSource, [{ kind: 'silent', subject: 'engine', detail: content, route: this.route, text: { messageType: 'engine_silent', content } }]);
      if (notices.length > 0) log.error(content, 'the engine is silent; operators are told');
      await filed(notices);
    }
    // Who just woke up can not tell that it is silent, but that a scheduler beats and looks is plain to anyone.
    if (alertId !== null && !silenceOf({ ...signs, watchingMs: Infinity }, limitMs)) {
      const { notices } = await closeAlert(dataSource, alertId, 'a scheduler looks at the schedules again', this.route, { messageType: 'engine_heard', content: {} });
      await filed(notices);
    }
    return LOOK_EVERY_MS;
  }
}
