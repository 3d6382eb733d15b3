/** Whether a dead letter can be sent again at all, decided from what it holds; if not, with what helps instead. */
import { decodeMessage, streamOf } from '@carillon/messaging';
import { reasonAgainst } from '@carillon/persistence';
import type { DeadLetterDetail } from '@carillon/persistence';

/** Undefined when it can. */
export function whyNotRedrivable({ subject, payload, noticeStatus, closedBecause }: Pick<DeadLetterDetail, 'subject' | 'payload' | 'noticeStatus' | 'closedBecause'>): string | undefined {
  if (noticeStatus !== null) return reasonAgainst({ status: noticeStatus, closedBecause }, false);
  if (!streamOf(subject)) return `${subject} is a request, and those are not kept on the bus: whoever asked was told that it failed, and asks again. Discard the letter`;
  try {
    decodeMessage(payload);
  } catch (error) {
    return `it would come back: ${(error as Error).message} Let the sender mend it and send it again, and discard the letter`;
  }
  return undefined;
}
