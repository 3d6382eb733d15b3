import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { temporaryFolder } from '@carillon/testing';
import { source } from './boards.fixture.js';
import { OfflineBoards } from './offline-boards.js';
import { readBoard } from './read-board.js';

const job = (n: number): object => ({ id: `p${n}`, text: `Job ${n}`, hostedUrl: 'https://jobs.example.org/1', descriptionPlain: 'x' });

it('a recorded board is read page by page, each time from its beginning; one that was not recorded is gone, and says which file it would be', async () => {
  const folder = temporaryFolder('recorded');
  writeFileSync(join(folder, 'lever-acme.json'), JSON.stringify(Array.from({ length: 100 }, (_none, n) => job(n))));
  writeFileSync(join(folder, 'lever-acme.2.json'), JSON.stringify([job(100)]));
  const [acme, nobody] = [source('lever'), source('ashby', { identifier: 'no/body' })];
  const boards = new OfflineBoards(folder, [acme, nobody]);
  for (let time = 0; time < 2; time += 1) expect(await readBoard(acme, boards, { cap: 0 })).toMatchObject({ postings: { length: 101 } });
  await expect(readBoard(nobody, boards, { cap: 0 })).rejects.toMatchObject({ name: 'BoardGone', message: `there is no recording ashby-no-body.json or .xml in ${folder}` });
});
