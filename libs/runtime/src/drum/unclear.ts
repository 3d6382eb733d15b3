/**
 * Which of the steps that the ledger says we hold we shall never hear of. The ledger gives steps in answer to statements of ours (a claim, a settlement that goes on, runs that are
 * made); as long as one that was under way when a step was first seen has not been answered, the answer may still name it.
 */
export class Unclear {
  private nth = 0;
  private readonly open = new Set<number>();
  /** Steps that we know nothing of, and the first statement that began after they were seen. */
  private seen = new Map<string, number>();

  /** A statement begins that may give us steps. @returns to be called when its answer was taken in, or will never come */
  begins(): () => void {
    const own = this.nth++;
    this.open.add(own);
    return () => void this.open.delete(own);
  }

  /** The same, for one that is over when this is. */
  async during<T>(statement: () => Promise<T>): Promise<T> {
    const ends = this.begins();
    try {
      return await statement();
    } finally {
      ends();
    }
  }

  /** To be told all that are held and unknown at each look. @returns those that no answer can name any more; seen once is not enough, the look may be older than what we know */
  lost<T extends { stepId: string }>(unknown: readonly T[]): T[] {
    // In the order in which they began.
    const oldest = this.open.values().next().value ?? this.nth;
    const lost = unknown.filter(({ stepId }) => (this.seen.get(stepId) ?? Infinity) <= oldest);
    this.seen = new Map(unknown.map(({ stepId }) => [stepId, this.seen.get(stepId) ?? this.nth]));
    return lost;
  }
}
