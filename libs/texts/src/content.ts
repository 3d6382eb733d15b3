/** Reads a notice's content field by field; what is missing is named. */
import type { NoticeContent } from './catalogue.js';
import { BadContent } from './errors.js';

/** @throws BadContent unless it is text with something in it */
export function textOf(content: NoticeContent, field: string): string {
  const value = content[field];
  if (typeof value !== 'string' || value.trim() === '') throw new BadContent(field, 'text', value);
  return value;
}

/** Undefined when it is absent or null. @throws BadContent when it is something else than text */
export function optionalTextOf(content: NoticeContent, field: string): string | undefined {
  return content[field] == null ? undefined : textOf(content, field);
}

/** @throws BadContent unless it is a finite number */
export function numberOf(content: NoticeContent, field: string): number {
  const value = content[field];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadContent(field, 'a number', value);
  return value;
}

/** @throws BadContent unless it is a list of texts */
export function textsOf(content: NoticeContent, field: string): string[] {
  const value = content[field];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new BadContent(field, 'a list of texts', value);
  return value;
}

/** @throws BadContent unless it is an ISO 8601 instant */
export function timeOf(content: NoticeContent, field: string): Date {
  const time = new Date(textOf(content, field));
  if (Number.isNaN(time.getTime())) throw new BadContent(field, 'an ISO 8601 time', content[field]);
  return time;
}

/** An instant to the minute, in UTC: the reader's zone is not known here. */
export function inUtc(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
