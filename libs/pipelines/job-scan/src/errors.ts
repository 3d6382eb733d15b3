/** Every failure of this pipeline that has a name and is neither the configuration's nor a board's. */
import { PermanentError, TransientError } from '@carillon/engine';

/** Somebody else wrote about this board since it was read: what was planned may be wrong, so it is planned anew. */
export class ScannedMeanwhile extends TransientError {
  override readonly name = 'ScannedMeanwhile';
}

/** A posting, profile or company that was asked for is not there. */
export class NotThere extends PermanentError {
  override readonly name = 'NotThere';
}
