/** A mail server on 127.0.0.1 that takes letters, or refuses and falls silent where a spec says so. Real SMTP, by the library that mail servers in Node are made of. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenLetter {
  from: string;
  to: string[];
  /** As it came over the wire. */
  source: string;
}

/** Where a letter comes to its end. */
export interface MailTrouble {
  at: 'MAIL' | 'RCPT' | 'DATA' | 'BODY';
  /** What the server answers; without it, it says nothing more. */
  code?: number;
  says?: string;
  /** Cuts the connection instead. */
  cuts?: true;
}

export interface FakeMailServer {
  readonly url: string;
  readonly letters: TakenLetter[];
  /** For the next letters, in order; afterwards all is well again. */
  trouble(...troubles: MailTrouble[]): void;
  reset(): void;
  close(): Promise<void>;
}

export async function fakeMailServer(): Promise<FakeMailServer> {
  const letters: TakenLetter[] = [];
  const troubles: MailTrouble[] = [];
  const sockets = new Set<Socket>();
  /** True when the trouble of this letter happens here; it has then been done. */
  const stumbles = (at: MailTrouble['at'], callback: (error: Error) => void): boolean => {
    const [next] = troubles;
    if (next?.at !== at) return false;
    troubles.shift();
    if (next.cuts) for (const socket of sockets) socket.destroy();
    else if (next.code !== undefined) callback(Object.assign(new Error(next.says ?? 'no'), { responseCode: next.code }));
    return true;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    hideENHANCEDSTATUSCODES: false,
    onMailFrom: (_address, _session, callback) => void (stumbles('MAIL', callback) || callback()),
    onRcptTo: (_address, _session, callback) => void (stumbles('RCPT', callback) || callback()),
    onAuth: (auth, _session, callback) => (auth.password === 'right' ? callback(null, { user: auth.username ?? '' }) : callback(Object.assign(new Error('Invalid username or password'), { responseCode: 535 }))),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        letters.push({ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString() });
        if (!stumbles('BODY', callback)) callback();
      });
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    letters,
    trouble: (...next) => void troubles.splice(0, troubles.length, ...next),
    reset: () => [letters, troubles].forEach((list) => list.splice(0)),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
