import { describe, expect, it } from '@jest/globals';
import { findNatsServer, serverVersion, sourcesOfNatsServer } from './nats-binary.mjs';

const machine = { env: { PATH: '/usr/bin:/opt/nats' }, binFolder: '/state/bin', platform: 'linux', arch: 'x64', hasApt: true };
const kinds = (changes) => sourcesOfNatsServer({ ...machine, ...changes }).map(({ kind, path, name }) => [kind, path ?? name].filter(Boolean).join(' '));

describe('where a nats-server is looked for', () => {
  it('goes from what is there to what must be fetched', () =>
    expect(kinds({})).toEqual([
      'installed /usr/bin/nats-server', 'installed /opt/nats/nats-server', 'installed /usr/sbin/nats-server', 'installed /usr/local/sbin/nats-server',
      'fetched /state/bin/nats-server', 'apt', 'download linux-amd64',
    ]));
  it('is only where the environment says, when it says so', () => expect(kinds({ env: { ...machine.env, NATS_SERVER_BIN: '/my/nats' } })).toEqual(['override /my/nats']));
  it('leaves out apt where there is none', () => expect(kinds({ platform: 'darwin', arch: 'arm64', hasApt: false }).slice(-2)).toEqual(['fetched /state/bin/nats-server', 'download darwin-arm64']));
  it('leaves out a download that does not exist', () => expect(kinds({ arch: 'riscv64', hasApt: false }).at(-1)).toBe('fetched /state/bin/nats-server'));
  it('pins a full checksum for every download', () => {
    for (const [platform, arch] of [['linux', 'x64'], ['linux', 'arm64'], ['darwin', 'x64'], ['darwin', 'arm64']]) {
      expect(sourcesOfNatsServer({ ...machine, platform, arch }).at(-1)).toMatchObject({ kind: 'download', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
  });
});

it.each([['nats-server: v2.9.10', [2, 9, 10]], ['nats-server: v2.12.0-RC.1', [2, 12, 0]], ['bash: not found', undefined]])('reads the version of "%s"', (text, version) =>
  expect(serverVersion(text)).toEqual(version));

it('says what is wrong with the program that the environment names', async () => {
  await expect(findNatsServer({ binFolder: '/nowhere', env: { NATS_SERVER_BIN: '/bin/false' } })).rejects.toThrow('NATS_SERVER_BIN=/bin/false is not a nats-server that runs here');
});
