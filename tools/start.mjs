/** `npm start`: from a bare clone to a running Carillon that has told its story once. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseFlags } from './options.mjs';
import { say } from './progress.mjs';
import { ensureReady } from './setup.mjs';

const FLAGS = {
  once: 'tell the story, stop everything and exit with its result',
  fresh: 'begin with an empty state: what .carillon holds of earlier starts is removed',
  help: 'this text',
};
const root = resolve(import.meta.dirname, '..');

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

async function main() {
  const flags = parseFlags(process.argv.slice(2), FLAGS);
  if (flags.help) return console.log(help());
  await ensureReady(root);
  // Only now: the stack reaches for installed packages.
  const { makeStack, operatorEnvironment } = await import('./stack.mjs');
  const stack = makeStack({ root, fresh: flags.fresh });
  let interrupted = false;
  const stopped = new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (interrupted) return;
        interrupted = true;
        say('stopping …');
        void stack.stop().finally(done);
      });
    }
  });

  const giveUp = (error) => {
    process.stderr.write(`${error.stack ?? error}\n`);
    void stack.stop().finally(() => process.exit(1));
  };
  process.on('uncaughtException', giveUp);
  void stack.broken.then(giveUp);

  const state = await stack.start().catch(async (error) => {
    if (!interrupted) throw error;
    await stopped;
    process.exit(130);
  });
  const code = await demo({ ...process.env, ...operatorEnvironment(state) });
  if (flags.once) {
    await stack.stop();
    process.exit(interrupted ? 130 : code);
  }
  if (!interrupted) console.log(whereToLook(state, code));
  await stopped;
  process.exit(0);
}

/** The story is a command like any other, so what it shows can be asked for again. */
function demo(env) {
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'program/cli.js'), 'demo'], { env, stdio: 'inherit' });
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
}

function whereToLook(state, code) {
  const lines = Object.entries(state.services).map(([name, { url, log }]) => `  ${name.padEnd(10)} ${url.padEnd(24)} log ${log}`);
  return [
    '',
    code === 0 ? 'Carillon runs until Ctrl-C.' : `The story failed (exit code ${code}); Carillon runs until Ctrl-C, so that you can look why.`,
    ...lines,
    `  API        ${state.services.intake?.url}/docs`,
    '  commands   npm run carillon -- --help',
    `  addresses and credentials are in .carillon/stack.json`,
  ].join('\n');
}

function help() {
  const flags = Object.entries(FLAGS).map(([name, text]) => `  --${name.padEnd(8)} ${text}`);
  return [
    'npm start -- [options]',
    '',
    'Installs and builds what is missing, starts Postgres, NATS and the services, submits the sample and shows what becomes of it.',
    'Runs until Ctrl-C.',
    '',
    ...flags,
    '',
    'DATABASE_URL and NATS_URL use servers that run already; NATS_SERVER_BIN names a nats-server program.',
  ].join('\n');
}
