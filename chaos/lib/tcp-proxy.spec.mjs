import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { tcpProxy } from './tcp-proxy.mjs';

const endings = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** A server that says back what it hears. */
async function echo() {
  const sockets = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined).pipe(socket))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => new Promise((closed) => server.close(closed)) && sockets.forEach((socket) => socket.destroy()));
  return { port: server.address().port, sockets };
}

async function client(port) {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  endings.push(() => socket.destroy());
  return socket;
}

it('passes on what is said, and after a freeze nothing on the connections of before', async () => {
  const { port } = await echo();
  const proxy = await tcpProxy(() => port);
  endings.push(proxy.close);
  const before = await client(proxy.port);
  before.write('one');
  expect(String((await once(before, 'data'))[0])).toBe('one');
  const heard = [];
  before.on('data', (data) => heard.push(String(data)));
  proxy.freeze();
  before.write('two');
  const after = await client(proxy.port);
  after.write('three');
  expect(String((await once(after, 'data'))[0])).toBe('three');
  expect(heard).toEqual([]);
});

it('closes also a connection that fell silent so long ago that the server has given it up', async () => {
  const { port, sockets } = await echo();
  const proxy = await tcpProxy(() => port, { keepaliveMs: 10 });
  const silent = await client(proxy.port);
  silent.write('hello');
  await once(silent, 'data');
  const givenUp = once(sockets[0], 'close');
  proxy.freeze();
  // More than the proxy reads ahead, so that it does not hear of the end either.
  silent.write('never heard '.repeat(300_000));
  await givenUp;
  silent.destroy();
  await once(silent, 'close');
  await proxy.close();
});
