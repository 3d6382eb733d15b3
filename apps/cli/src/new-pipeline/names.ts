/** The names of a new pipeline, as each place writes them, and which ones are refused. */

export interface Names {
  /** As the bus, the ledger and people call it: `disk-watch`. */
  name: string;
  /** In code: `diskWatch`. */
  camel: string;
  /** Of classes: `DiskWatch`. */
  pascal: string;
  /** Of its database schema and its notices: `disk_watch`. */
  snake: string;
}

/** Can not be the name of a value in code, or of a schema in Postgres. */
const TAKEN_BY_LANGUAGES = new Set(
  ['await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum', 'export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'implements', 'import', 'in', 'instanceof']
    .concat(['interface', 'let', 'new', 'null', 'package', 'pipelines', 'private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'tables', 'this', 'throw', 'true', 'try', 'typeof', 'undefined', 'var', 'void', 'while', 'with', 'yield'])
    .concat(['all', 'analyse', 'analyze', 'and', 'any', 'array', 'as', 'both', 'cast', 'check', 'column', 'create', 'desc', 'engine', 'from', 'grant', 'group', 'limit', 'not', 'notices', 'offset', 'on', 'or', 'order', 'primary', 'select', 'table', 'then', 'to', 'union', 'unique', 'user', 'using', 'when', 'where']),
);

/** As long as a schema, a subject and a class name can still bear. */
const LONGEST = 40;

/** @throws Error with the remedy */
export function namesOf(name: string): Names {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > LONGEST) {
    const better = name.trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^[^a-z]+|-+$/g, '').slice(0, LONGEST).replace(/-+$/, '');
    throw new Error(`"${name}" can not be the name of a pipeline: write small letters, digits and "-" between them, beginning with a letter, at most ${LONGEST}${better === '' ? '' : `, such as "${better}"`}`);
  }
  if (TAKEN_BY_LANGUAGES.has(name)) throw new Error(`"${name}" means something to TypeScript, Postgres or the house: choose another name, such as "${name}-watch"`);
  const words = name.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return { name, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal, snake: words.join('_') };
}
