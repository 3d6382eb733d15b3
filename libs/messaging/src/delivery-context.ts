/**
 * What a handler may know about the delivery besides the message itself: its `@Ctx()`.
 */
import { BaseRpcContext } from '@nestjs/microservices';
import type { Headers } from './headers.js';

export interface DeliveryFields {
  /** The concrete subject, also where the handler's pattern has wildcards. */
  subject: string;
  /** The id that it was published under, which names its row; undefined when published by hand without one. */
  messageId: string | undefined;
  /** Names the stored message through all its deliveries, also when it was published without an id; undefined for requests, which are not stored. */
  storedAs?: string;
  /** 1 for the first delivery; always 1 for requests. */
  deliveryCount: number;
  headers: Headers;
  /** Aborts when the service shuts down: finish soon or throw, the message is then delivered to another. */
  signal: AbortSignal;
}

export class DeliveryContext extends BaseRpcContext<[DeliveryFields]> implements DeliveryFields {
  readonly subject: string;
  readonly messageId: string | undefined;
  readonly storedAs?: string;
  readonly deliveryCount: number;
  readonly headers: Headers;
  readonly signal: AbortSignal;

  constructor(fields: DeliveryFields) {
    super([fields]);
    this.subject = fields.subject;
    this.messageId = fields.messageId;
    if (fields.storedAs !== undefined) this.storedAs = fields.storedAs;
    this.deliveryCount = fields.deliveryCount;
    this.headers = fields.headers;
    this.signal = fields.signal;
  }

  /** What the name of a place in the pattern stands for: in `run.*.request`, place 1 of `run.news.request` is `news`. */
  place(index: number): string {
    const token = this.subject.split('.')[index];
    if (token === undefined) throw new Error(`${this.subject} has no place ${index}; places count from 0`);
    return token;
  }
}
