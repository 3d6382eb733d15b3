/** Every fault, in the order in which they are done. */
import { clockJumps } from '../faults/clock.mjs';
import { freeze } from '../faults/freeze.mjs';
import { heldTransaction } from '../faults/held.mjs';
import { killAtCrashPoints, killAtRandomInstants } from '../faults/kill.mjs';
import { natsKilled, storeDeleted, storeRestored } from '../faults/nats.mjs';
import { noticesCutShort } from '../faults/notices.mjs';
import { noticesUnderFire } from '../faults/notices-under-fire.mjs';
import { remindersUnderFire } from '../faults/reminders-under-fire.mjs';
import { backendKills, idleConnections, restartStorm } from '../faults/postgres.mjs';
import { race } from '../faults/race.mjs';
import { sockets } from '../faults/sockets.mjs';
import { storeFaults } from '../faults/store.mjs';
import { rollingRestart, twoVersions } from '../faults/versions.mjs';

/**
 * @typedef {object} Context what a fault is given
 * @property {import('./servers.mjs').Servers} servers
 * @property {boolean} quick
 * @property {number} attempts
 * @property {import('../../bench/lib/random.mjs').Random} random
 * @property {(options?: import('./scene.mjs').SceneOptions) => Promise<import('./scene.mjs').Scene>} scene
 * @property {(name: string) => Promise<string[]>} program what starts a file of chaos/process
 * @property {(verdicts: object[]) => object} sum
 * @property {(progress: string) => void} say
 *
 * @typedef {object} Fault
 * @property {string} name
 * @property {{ quick: number, full: number }} attempts
 * @property {(context: Context) => Promise<{ attempts: number, recoveries: number[], lost: string[], doubled: string[] }>} run
 */

/** @type {Fault[]} */
export const FAULTS = [
  ...[killAtCrashPoints, killAtRandomInstants, freeze, restartStorm, backendKills, idleConnections, natsKilled, storeDeleted, storeRestored],
  ...[...sockets, clockJumps, race, ...storeFaults, heldTransaction, rollingRestart, twoVersions, noticesCutShort, noticesUnderFire, remindersUnderFire],
];
