/**
 * The named instants at which a process is killed: between an effect and the commit that makes it last, on both sides of it, and while it is under way. A transaction
 * is recognised by what it writes, so nothing in the product knows of this.
 */

/** What a transaction is, by the statements in it: the first that fits. A ring also creates a run, and every settlement ends in the same statement. */
const KINDS = [
  ['ring', /\bINSERT INTO engine\.occurrence\b/],
  ['take-over', /WITH claimed AS \(SELECT \* FROM engine\.active_run\b/],
  ['settle', /\bINSERT INTO chaos\.effect\b/],
  ['fire', /\bINSERT INTO notices\.notice\b/],
  ['settle together', /\bINSERT INTO engine\.step \(/],
  ['relay', /DELETE FROM engine\.outbox\b/],
  ['create', /INSERT INTO engine\.run\b/],
  ['claim', /UPDATE engine\.active_run a SET\s+status = 'running', claimed_by\b/],
];
/** Sent and unanswered: nobody knows whether the commit happens. */
const AROUND_COMMIT = ['before commit', 'during commit', 'after commit'];

export const CRASH_POINTS = [
  ...['create', 'claim'].flatMap((kind) => AROUND_COMMIT.map((when) => `${kind}: ${when}`)),
  'step: after its effect outside',
  'settle: before the last write',
  'settle: after the last write',
  ...['settle', 'settle together', 'take-over', 'ring'].flatMap((kind) => AROUND_COMMIT.map((when) => `${kind}: ${when}`)),
  'relay: before publish',
  'relay: after publish',
  'relay: after delete',
];

/** Where a scheduler that hosts memory dies as it fires reminders, and as it tells others of their notices. */
export const FIRING_POINTS = [...AROUND_COMMIT.map((when) => `fire: ${when}`), 'relay: before publish', 'relay: after publish', 'relay: after delete'];

/** @param {readonly string[]} statements of one transaction, or the one statement that is its own @returns {string | undefined} */
export function transactionKind(statements) {
  return KINDS.find(([, writes]) => statements.some((statement) => writes.test(statement)))?.[0];
}

/** The relay's commit removes what was published, so its name says that. @param {string} kind @param {'before' | 'during' | 'after'} when */
export function commitPoint(kind, when) {
  if (kind !== 'relay') return `${kind}: ${when} commit`;
  return when === 'after' ? 'relay: after delete' : undefined;
}

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** Every id among a statement's values, also within lists and JSON: what the transaction was about. @param {unknown} values @returns {string[]} */
export function idsIn(values) {
  if (typeof values === 'string') return values.match(UUID) ?? [];
  return Array.isArray(values) ? values.flatMap(idsIn) : [];
}
