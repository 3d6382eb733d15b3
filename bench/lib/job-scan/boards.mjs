/** As many boards as wanted, on loopback: each answer is made when it is asked for, so that it is not this process's memory that is measured. */
import { createServer } from 'node:http';
import { postingOf } from './postings.mjs';

/** @param {{ boards: number, perBoard: number, etags: boolean }} options */
export async function serveBoards({ boards, perBoard, etags }) {
  const server = createServer((request, response) => {
    const board = Number(/job-board\/b(\d+)/.exec(request.url)?.[1]);
    if (!(board < boards)) return void response.writeHead(404).end();
    const etag = `"b${board}"`;
    if (etags && request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    const jobs = Array.from({ length: perBoard }, (_none, n) => {
      const { id, title, description, location } = postingOf(board * perBoard + n);
      return { id, title, location, descriptionPlain: description, jobUrl: `https://jobs.example.org/${id}`, isListed: true, publishedAt: '2026-03-01T08:00:00Z' };
    });
    response.writeHead(200, { 'content-type': 'application/json', ...(etags && { etag }) }).end(JSON.stringify({ jobs }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
