/**
 * Every row class of the engine and the notices. They serve where a plain look-up reads better than SQL; whatever must be one statement, a
 * compare-and-set or a lock is SQL in its ledger. The migrations alone make the schema, and a spec holds these to it.
 */
import { Address, Alert, ApiKey, DeadLetter, Mailbox, ModelSpend, Notice, OutboxMessage, Pace, ServiceProcess } from './entities-house.js';
import { StepItem, StepValue } from './entities-items.js';
import { ActiveRun, ChainDue, Occurrence, Plan, Rate, Run, RunKey, Schedule, StepAttempt } from './entities-ledger.js';
import { CallbackToken, TelegramChat, TelegramConversation, TelegramUpdate } from './entities-telegram.js';

export const engineEntities: (new () => object)[] = [...[Schedule, Occurrence, Run, RunKey, Plan, ActiveRun, StepAttempt, StepItem, StepValue, Rate, ChainDue], ...[OutboxMessage, ServiceProcess, DeadLetter, Alert, ApiKey, ModelSpend], ...[Notice, Address, Mailbox, Pace], ...[TelegramChat, TelegramUpdate, CallbackToken, TelegramConversation]];
