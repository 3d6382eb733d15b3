/**
 * Boards that were recorded, for trying a configuration without asking anyone: a folder with one file for each board, `<type>-<identifier>.json` or `.xml`, that holds what
 * the board answers. Further pages are `.2`, `.3` before the ending; the details of one posting are `.<its id>`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceConfig } from '../config/config.js';
import { ADAPTERS } from './adapters.js';
import type { BoardAnswer, BoardFetcher, BoardRequest } from './board-client.js';
import { BoardGone } from './errors.js';

export class OfflineBoards implements BoardFetcher {
  readonly #names: readonly { name: string; first: string; pathname: string; host: string }[];
  readonly #pages = new Map<string, number>();

  constructor(
    private readonly folder: string,
    sources: readonly SourceConfig[],
  ) {
    this.#names = sources.map((source) => {
      const first = ADAPTERS[source.type].first(source);
      const { host, pathname } = new URL(first);
      return { name: `${source.type}-${source.identifier.replaceAll(/[^\w.-]+/g, '-')}`, first, pathname, host };
    });
  }

  async get({ url }: BoardRequest): Promise<BoardAnswer> {
    const { host, pathname } = new URL(url);
    const board = this.#names.find((one) => one.host === host && one.pathname === pathname);
    const parent = this.#names.find((one) => one.host === host && pathname.startsWith(`${one.pathname}/`));
    // Whoever begins anew gets the first page again.
    if (board?.first === url) this.#pages.delete(board.name);
    const name = board ? this.#page(board.name) : parent && `${parent.name}.${pathname.slice(parent.pathname.length + 1).replaceAll(/[^\w-]+/g, '-')}`;
    const file = ['json', 'xml'].map((ending) => join(this.folder, `${name}.${ending}`)).find((path) => name !== undefined && existsSync(path));
    if (file === undefined) throw new BoardGone(`there is no recording ${name ?? `of ${host}${pathname}`}.json or .xml in ${this.folder}`);
    return { notModified: false, body: readFileSync(file), contentType: '', validators: {} };
  }

  async close(): Promise<void> {}

  /** Pages are asked for in their order. */
  #page(name: string): string {
    const page = (this.#pages.get(name) ?? 0) + 1;
    this.#pages.set(name, page);
    return page === 1 ? name : `${name}.${page}`;
  }
}
