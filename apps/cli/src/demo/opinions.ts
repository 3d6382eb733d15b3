/** What people of a Polis conversation said and agreed with, read from its files, and what that means for a group of comments. */
import { readFileSync } from 'node:fs';

export interface Comment {
  externalId: string;
  author: string;
  text: string;
  submittedAt: number;
}

/** Comments by their number, which is the part of `externalId` after the slash. */
export interface Opinion {
  agreed: readonly number[];
  disagreed: readonly number[];
}

export interface Participant extends Opinion {
  participant: string;
}

export interface Agreement {
  agreed: number;
  disagreed: number;
}

export const readComments = (file: string): Comment[] => linesOf<Comment>(file);
export const readParticipants = (file: string): Participant[] => linesOf<Participant>(file);

/** How often a person agreed and disagreed with the comments of each group; groups they said nothing about are left out. */
export function agreementByCluster(members: ReadonlyMap<string, readonly number[]>, { agreed, disagreed }: Opinion): Map<string, Agreement> {
  const [liked, disliked] = [new Set(agreed), new Set(disagreed)];
  const counts = [...members].map(([id, numbers]): [string, Agreement] => [id, { agreed: numbers.filter((one) => liked.has(one)).length, disagreed: numbers.filter((one) => disliked.has(one)).length }]);
  return new Map(counts.filter(([, count]) => count.agreed + count.disagreed > 0));
}

/** Somebody stands behind a concern who agreed with at least two of its comments, and disagreed with none. */
export function endorses({ agreed, disagreed }: Agreement): boolean {
  return agreed >= 2 && disagreed === 0;
}

function linesOf<T>(file: string): T[] {
  return readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as T);
}
