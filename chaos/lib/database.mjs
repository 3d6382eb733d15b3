/** One pair of connections for whoever watches and counts. It outlives the server's restarts: what could not be asked is asked again. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const ASK_AGAIN_MS = 50;
/** A server that is gone for longer will not come back. */
const PATIENCE_MS = 60_000;

/** @param {string} url @returns {{ ask: import('./ledger.mjs').Ask, close: () => Promise<void> }} */
export function openWitness(url) {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'chaos-witness', connectionTimeoutMillis: 5_000, query_timeout: 30_000 });
  pool.on('error', () => undefined);
  const ask = async (sql, values) => {
    for (const until = Date.now() + PATIENCE_MS; ; ) {
      try {
        return (await pool.query(sql, values)).rows;
      } catch (error) {
        if (!isAway(error) || Date.now() > until) throw error;
        await delay(ASK_AGAIN_MS);
      }
    }
  };
  return { ask, close: () => pool.end() };
}

/** Shut down, starting up, full, cut off or not there. */
function isAway({ code = '', message }) {
  return /^(57P0[1-3]|53300|08...|ECONNREFUSED|ECONNRESET|EPIPE)$/.test(code) || /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(message);
}
