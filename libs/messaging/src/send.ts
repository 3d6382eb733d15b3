/**
 * Sending by message class: the compiler checks the fields, `subjectOf` the places, and "find references" of a message finds its senders.
 */
import { subjectOf } from '@carillon/shared';
import type { MessageType } from '@carillon/shared';
import type { Bus, Receipt } from './bus.js';

/** Publishes work or a fact; resolves when it is stored. `tell(bus, StepDue, step.id, {…}, 'deliberation', 'cluster')` */
export function tell<T extends object>(bus: Bus, type: MessageType<T>, id: string, fields: T, ...places: string[]): Promise<Receipt> {
  return bus.publish(subjectOf(type, ...places), id, fields);
}

/** Sends a command or request and resolves to the parsed answer, or rejects as `Bus.request` does. `ask(bus, RunRequest, {}, 'news')` */
export function ask<T extends object>(bus: Bus, type: MessageType<T>, fields: T, ...places: string[]): Promise<unknown> {
  return bus.request(subjectOf(type, ...places), fields);
}
