/**
 * The boot check: a service that would not do its part of the contract does not start. Nest itself runs two event handlers for one
 * pattern in a chain and lets the second message handler silently replace the first.
 */
import type { MessageKind, MessageType } from '@carillon/shared';
import { HandlersDoNotMatch } from './errors.js';

/** One `@EventPattern` or `@MessagePattern` as Nest registered it, in order. */
export interface RegisteredHandler {
  pattern: string;
  /** `@EventPattern` */
  isEvent: boolean;
}

/** @throws HandlersDoNotMatch that lists every message without a handler, with two, or with the wrong decorator. */
export function assertHandlers(registered: { handlers: readonly RegisteredHandler[] } | readonly RegisteredHandler[], mustHandle: readonly MessageType[]): void {
  const handlers = 'handlers' in registered ? registered.handlers : registered;
  const missing = mustHandle.filter(({ subject }) => !handlers.some(({ pattern }) => pattern === subject)).map(missingHandler);
  const doubled = [...new Set(handlers.map(({ pattern }) => pattern))]
    .map((pattern) => ({ pattern, count: handlers.filter((handler) => handler.pattern === pattern).length }))
    .filter(({ count }) => count > 1)
    .map(({ pattern, count }) => `${pattern} has ${count} handlers in this service; keep one`);
  const wrongKind = mustHandle.flatMap((type) =>
    handlers
      .filter(({ pattern, isEvent }) => pattern === type.subject && isEvent !== isEventKind(type.kind))
      .map(() => `${type.name} (${type.subject}) is a ${type.kind}: use ${decorator(type)}`),
  );
  const problems = [...missing, ...doubled, ...wrongKind];
  if (problems.length > 0) throw new HandlersDoNotMatch(problems);
}

function missingHandler(type: MessageType): string {
  return `${type.name} (${type.subject}) has no handler; write one with ${decorator(type)}`;
}

function decorator(type: MessageType): string {
  return `@${isEventKind(type.kind) ? 'EventPattern' : 'MessagePattern'}(${type.name}.subject)`;
}

function isEventKind(kind: MessageKind): boolean {
  return kind === 'work' || kind === 'fact';
}
