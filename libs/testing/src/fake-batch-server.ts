/** An in-process server with OpenAI's Batch API as its reference describes it (files, batches, their states and output lines), so that no spec needs a network. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskedLine {
  custom_id: string;
  method: string;
  url: string;
  body: { model: string; messages: { role: string; content: string }[] } & Record<string, unknown>;
}

export interface FakeBatch {
  id: string;
  status: string;
  input_file_id: string;
  output_file_id?: string;
  metadata: Record<string, string>;
  request_counts: { total: number; completed: number; failed: number };
}

export interface FakeBatchServer {
  readonly baseUrl: string;
  readonly files: Map<string, string>;
  readonly batches: FakeBatch[];
  /** The questions of a batch. */
  questions(batch: FakeBatch): AskedLine[];
  /** Ends a batch; `answer` gives the text of one question, an HTTP status for one that failed, undefined for one that was not reached. */
  end(batch: FakeBatch, answer: (line: AskedLine) => string | number | undefined, status?: string): void;
  /** Whoever asks one by one is answered by this; a status refuses. */
  onCompletion(answer: (body: AskedLine['body']) => string | number): void;
  /** Files and batches are refused with this status until it is undefined again. */
  refuseWith(status: number | undefined): void;
  /** Completions that were asked for one by one. */
  readonly singly: AskedLine['body'][];
  close(): Promise<void>;
}

export async function fakeBatchServer(): Promise<FakeBatchServer> {
  const files = new Map<string, string>();
  const batches: FakeBatch[] = [];
  const singly: AskedLine['body'][] = [];
  let onCompletion: (body: AskedLine['body']) => string | number = () => 'hello';
  let refusal: number | undefined;
  const questions = (batch: FakeBatch): AskedLine[] => (files.get(batch.input_file_id) ?? '').split('\n').map((line) => JSON.parse(line) as AskedLine);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { pathname } = new URL(request.url ?? '/', 'http://fake');
    const body = await bytesOf(request);
    const [, , kind, id, part] = pathname.split('/');
    if (refusal !== undefined && kind !== 'chat') return send(refusal, { error: { message: 'no' } });
    const batch = batches.find((one) => one.id === id);
    switch (`${request.method} ${kind}${part ? ` ${part}` : ''}`) {
      case 'POST files': {
        const form = await new Response(body, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
        const name = `file-${files.size + 1}`;
        files.set(name, await (form.get('file') as File).text());
        return send(200, { id: name, object: 'file', purpose: form.get('purpose') });
      }
      case 'GET files content':
        return void response.writeHead(200).end(files.get(id ?? '') ?? '');
      case 'DELETE files':
        files.delete(id ?? '');
        return send(200, { id, deleted: true });
      case 'POST batches': {
        const { input_file_id, metadata = {} } = JSON.parse(body.toString()) as Pick<FakeBatch, 'input_file_id' | 'metadata'>;
        const made: FakeBatch = { id: `batch-${batches.length + 1}`, status: 'in_progress', input_file_id, metadata, request_counts: { total: 0, completed: 0, failed: 0 } };
        made.request_counts.total = questions(made).length;
        batches.push(made);
        return send(200, made);
      }
      case 'GET batches':
        return id === undefined ? send(200, { object: 'list', data: [...batches].reverse(), has_more: false }) : send(batch ? 200 : 404, batch ?? { error: { message: 'no such batch' } });
      case 'POST batches cancel':
        if (batch) batch.status = 'cancelled';
        return send(200, batch);
      case 'POST chat': {
        const asked = JSON.parse(body.toString()) as AskedLine['body'];
        singly.push(asked);
        const answer = onCompletion(asked);
        return typeof answer === 'number' ? send(answer, { error: { message: 'no' } }) : send(200, completion(answer));
      }
      default:
        return send(404, { error: { message: `no ${request.method} ${pathname}` } });
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    ...{ files, batches, questions, singly },
    onCompletion: (answer) => void (onCompletion = answer),
    refuseWith: (status) => void (refusal = status),
    end: (batch, answer, status = 'completed') => {
      const lines = questions(batch).flatMap((line) => {
        const said = answer(line);
        if (said === undefined) return [];
        const response = typeof said === 'number' ? { status_code: said, body: { error: { message: 'no' } } } : { status_code: 200, body: completion(said) };
        return [JSON.stringify({ id: 'x', custom_id: line.custom_id, response, error: null })];
      });
      // The order of the answers is not that of the questions.
      files.set(`${batch.id}-output`, lines.reverse().join('\n'));
      Object.assign(batch, { status, output_file_id: `${batch.id}-output` });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const completion = (content: string) => ({ object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } });

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
