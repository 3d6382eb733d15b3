/** Whether a dead letter can be sent again at all, decided from what it holds; if not, with what helps instead. */
import { decodeMessage, streamOf } from '@carillon/messaging';

/** Undefined when it can. */
export function whyNotRedrivable({ subject, payload }: { subject: string; payload: Uint8Array }): string | undefined {
  if (!streamOf(subject)) return `${subject} is a request, and those are not kept on the bus: whoever asked was told that it failed, and asks again. Discard the letter`;
  try {
    decodeMessage(payload);
  } catch (error) {
    return `it would come back: ${(error as Error).message} Let the sender mend it and send it again, and discard the letter`;
  }
  return undefined;
}
