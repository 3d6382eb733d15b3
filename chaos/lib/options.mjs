/** The command line of chaos. */
import { didYouMean } from '../../tools/options.mjs';

const FLAGS = { quick: 'few attempts of everything, in under four minutes; part of .ci/run', json: 'one JSON object on stdout', list: 'the names of the faults', help: 'this text' };
const VALUES = { only: 'NAME  this fault alone', seed: 'N     whatever is left to chance comes from here; printed when something fails', attempts: 'N harm so often, instead of as often as the fault says' };

export const HELP = `npm run -s chaos -- [options]

Harms the engine: kills, frozen processes, servers that die, sockets that fall silent, clocks that jump. Then counts, by sets of ids,
what was lost and what was doubled. Exit 0 when nothing was. What is chosen comes from the seed; what the machine makes of it does not, so
a failure may need a few tries to show again.

${Object.entries({ ...VALUES, ...FLAGS }).map(([name, text]) => `  --${name.padEnd(8)} ${text}`).join('\n')}
`;

/** @typedef {{ quick: boolean, json: boolean, list: boolean, help: boolean, only?: string, seed?: number, attempts?: number }} Options */

/** @param {string[]} args @returns {Options} */
export function parseOptions(args) {
  const options = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, false]));
  const rest = args.flatMap((arg) => (/^--\w+=/.test(arg) ? [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] : [arg]));
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const name = arg.replace(/^--?/, '');
    if (name in FLAGS && arg.startsWith('-')) options[name] = true;
    else if (name in VALUES && arg.startsWith('-')) options[name] = valueOf(name, rest.shift());
    else throw new Error(`There is no option ${arg}${didYouMean(name, Object.keys({ ...FLAGS, ...VALUES }), '--')}`);
  }
  return options;
}

function valueOf(name, given) {
  if (given === undefined) throw new Error(`--${name} wants a value: ${VALUES[name]}`);
  if (name === 'only') return given;
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} ${given} is not a whole number of 1 or more`);
  return number;
}
