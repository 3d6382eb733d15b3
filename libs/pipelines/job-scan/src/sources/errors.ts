/** Everything that can go wrong between us and a board. Transient ones are tried again within the run. An address is told without its query, which may hold a key. */
import { PermanentError, TransientError } from '@carillon/engine';

export const shownUrl = (url: string): string => {
  if (!URL.canParse(url)) return 'an address that can not be read';
  const { origin, pathname } = new URL(url);
  return origin + pathname;
};

/** The board is not there (404, 410): it was renamed, or closed. */
export class BoardGone extends PermanentError {
  override readonly name = 'BoardGone';
}

/** It answered with a status that another try will not change. */
export class BoardRefused extends PermanentError {
  override readonly name = 'BoardRefused';
}

/** It answered 429 or 5xx. `retryAfterMs` is what it asked for. */
export class BoardBusy extends TransientError {
  override readonly name = 'BoardBusy';

  constructor(
    message: string,
    readonly retryAfterMs: number | undefined,
  ) {
    super(message);
  }
}

/** No answer, or not all of it, within the time. */
export class BoardSlow extends TransientError {
  override readonly name = 'BoardSlow';
}

/** Nobody could be reached. */
export class BoardUnreachable extends TransientError {
  override readonly name = 'BoardUnreachable';
}

/** It answered, and not with what such a board answers. */
export class BadAnswer extends PermanentError {
  override readonly name = 'BadAnswer';
}

/** More bytes than we read. */
export class AnswerTooLarge extends PermanentError {
  override readonly name = 'AnswerTooLarge';
}

/** An address that we do not go to: private, of another host, or of another protocol. */
export class ForbiddenAddress extends PermanentError {
  override readonly name = 'ForbiddenAddress';
}

/** A source's identifier that can not be one of such a board. */
export class InvalidBoard extends PermanentError {
  override readonly name = 'InvalidBoard';
}
