/** What the buttons below a notice carry. Telegram takes 64 bytes, so it is a token that a row knows, and one word. */
import type { TokenButton } from '@carillon/shared';

export const REMINDER_PRESSES = ['done', 's10', 's60', 'tom', 'when', 'stop'] as const;
export const EVENT_PRESSES = ['yes', 'no'] as const;
export type ReminderPress = (typeof REMINDER_PRESSES)[number];
export type EventPress = (typeof EVENT_PRESSES)[number];

/** Marks presses that are memory's among those of other pipelines. */
export const PRESS_PREFIX = 'm:';

export function reminderButtons(token: string, repeats: boolean): TokenButton[][] {
  const button = (label: string, press: ReminderPress): TokenButton => ({ label, token: `${PRESS_PREFIX}${token}:${press}` });
  return [
    [button('Done', 'done')],
    [button('10 min', 's10'), button('1 hour', 's60'), button('Tomorrow 9:00', 'tom')],
    [button('Reschedule', 'when'), ...(repeats ? [button('Stop repeating', 'stop')] : [])],
  ];
}

export function eventButtons(token: string): TokenButton[][] {
  const button = (label: string, press: EventPress): TokenButton => ({ label, token: `${PRESS_PREFIX}${token}:${press}` });
  return [[button('Confirm', 'yes'), button('Reject', 'no')]];
}

/** The token and the word of a press; undefined for what is not one of memory's. */
export function readPress(data: string): { token: string; press: ReminderPress | EventPress } | undefined {
  const [, token = '', press = ''] = /^m:([\w-]{16,40}):([a-z0-9]{2,8})$/.exec(data) ?? [];
  const known = [...REMINDER_PRESSES, ...EVENT_PRESSES].find((one) => one === press);
  return known === undefined ? undefined : { token, press: known };
}
