/**
 * What every message class has in common. A message is a class: its static `subject` says where it travels, its class-validator fields
 * say what both ends sign. Handlers and senders name the class, never a bare string, so "find implementors" follows the arrows.
 */

/**
 * - `work`: for exactly one consumer, kept until that one is done with it
 * - `fact`: something happened; for anyone, any number of readers
 * - `command`, `request`: asked of a service over request/reply; not kept by the bus
 * - `hint`: said to whoever listens now; not kept, and nothing may depend on it
 */
export type MessageKind = 'work' | 'fact' | 'command' | 'request' | 'hint';

/** The constructor side of a message: `subject` may hold `*` where a pipeline or step name goes. */
export interface MessageType<T extends object = object> {
  new (): T;
  readonly subject: string;
  readonly kind: MessageKind;
}

/** Fills the `*` places of a subject from left to right: `subjectOf(StepDue, 'deliberation', 'cluster')` → `step.deliberation.cluster`. */
export function subjectOf(type: MessageType, ...places: string[]): string {
  const stars = type.subject.split('.').filter((token) => token === '*').length;
  if (stars !== places.length) throw new Error(`${type.name} (${type.subject}) takes ${stars} names, got ${places.length}: ${places.join(', ')}`);
  const rest = [...places];
  return type.subject
    .split('.')
    .map((token) => (token === '*' ? subjectToken(rest.shift() ?? '') : token))
    .join('.');
}

function subjectToken(name: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new Error(`"${name}" can not be part of a subject: use letters, digits, "-" and "_"`);
  return name;
}
