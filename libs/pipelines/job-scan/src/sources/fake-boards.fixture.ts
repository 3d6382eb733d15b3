/** Boards in memory, for specs that are not about HTTP: what they answer is changed by the spec, and what they were asked is kept. */
import type { BoardAnswer, BoardFetcher, BoardRequest } from './board-client.js';

export interface FakePosting {
  id: string;
  title: string;
  text: string;
  location?: string;
  /** Epoch milliseconds. */
  createdAt?: number;
  /** As Lever says it: remote, hybrid or on-site. */
  workplaceType?: string;
}

export class FakeBoards implements BoardFetcher {
  readonly asked: BoardRequest[] = [];
  /** Postings of Lever sites, by name. */
  readonly lever = new Map<string, FakePosting[]>();
  /** Postings of Greenhouse boards. */
  readonly greenhouse = new Map<string, FakePosting[]>();
  /** Instead of an answer, for addresses that hold the text. */
  readonly trouble = new Map<string, () => Error>();

  async get(request: BoardRequest): Promise<BoardAnswer> {
    this.asked.push(request);
    for (const [part, error] of this.trouble) if (request.url.includes(part)) throw error();
    const { pathname, searchParams } = new URL(request.url);
    const name = pathname.split('/').find((part) => this.lever.has(part) || this.greenhouse.has(part)) ?? '';
    const [skip, limit] = [Number(searchParams.get('skip') ?? 0), Number(searchParams.get('limit') ?? 1_000)];
    const body = this.lever.has(name) ? (this.lever.get(name) ?? []).slice(skip, skip + limit).map(asLever) : { jobs: (this.greenhouse.get(name) ?? []).map(asGreenhouse) };
    return { notModified: false, body: Buffer.from(JSON.stringify(body)), contentType: 'application/json', validators: {} };
  }

  async close(): Promise<void> {}
}

const asLever = ({ id, title, text, location, createdAt, workplaceType }: FakePosting): object => ({ workplaceType, id, text: title, descriptionPlain: text, hostedUrl: `https://jobs.example.org/lever/${id}`, categories: { location }, createdAt });
const asGreenhouse = ({ id, title, text, location }: FakePosting): object => ({ id, title, content: text, absolute_url: `https://jobs.example.org/greenhouse/${id}`, location: { name: location } });
