/**
 * Where a message goes that nobody can handle. The library only knows this port; whoever owns the database implements it.
 */

/**
 * - `undecodable`: not JSON, not UTF-8, or text that no database can hold
 * - `invalid`: breaks its contract
 * - `exhausted`: the handler failed at the last allowed delivery
 * - `unsettled`: delivered again and again without any verdict, as when it crashes its handler's process
 */
export type DeadLetterReason = 'undecodable' | 'invalid' | 'exhausted' | 'unsettled';

export interface DeadLetter {
  subject: string;
  /** Text where the payload is clean text, otherwise the raw bytes. */
  payload: Buffer | string;
  headers: Record<string, string>;
  reason: DeadLetterReason;
  /** What went wrong, in words, with the causes. */
  error: string;
  /** How often it was delivered, this time included. */
  deliveries: number;
  messageId?: string;
  /** The service that gave it up. */
  service: string;
}

export interface DeadLetters {
  /** Resolves when the letter is stored for good; a rejection keeps the message on the bus. */
  write(letter: DeadLetter): Promise<void>;
}
