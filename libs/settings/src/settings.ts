/**
 * A process reads its environment once, into typed classes whose fields carry their variable's name, meaning, default and rules. A wrong value
 * stops the process at boot with every problem in one message; nothing reads the environment later.
 */
import 'reflect-metadata';
import { validateSync } from 'class-validator';

interface Field {
  property: string;
  env: string;
  describes: string;
  secret: boolean;
}

type SettingsClass<T extends object = object> = new () => T;
type Environment = Readonly<Record<string, string | undefined>>;

const fieldsOf = new WeakMap<object, Field[]>();

/** Names the environment variable of a settings field; the initial value of the field is its default. Add class-validator rules beside it. */
export function Setting(env: string, describes: string, options: { secret?: boolean } = {}): PropertyDecorator {
  return (prototype, property) => {
    const fields = fieldsOf.get(prototype) ?? [];
    fieldsOf.set(prototype, [...fields, { property: String(property), env, describes, secret: options.secret ?? false }]);
  };
}

/** The environment does not say what this process needs to know. The message has one line per problem. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/**
 * Reads one settings class from the environment.
 * @throws InvalidSettings naming every variable that is wrong, its value (unless secret) and the rule it breaks
 */
export function readSettings<T extends object>(type: SettingsClass<T>, env: Environment = process.env): T {
  const settings = new type();
  const problems: string[] = [];
  for (const field of fieldsOf.get(type.prototype as object) ?? []) {
    const text = env[field.env]?.trim();
    if (text === undefined || text === '') continue;
    try {
      (settings as Record<string, unknown>)[field.property] = parse(text, kindOf(type, settings, field));
    } catch (error) {
      problems.push(`${field.env}=${shown(field, text)}: ${(error as Error).message}. ${field.describes}`);
    }
  }
  for (const broken of validateSync(settings)) {
    const field = fieldsOf.get(type.prototype as object)?.find((one) => one.property === broken.property);
    const rules = Object.values(broken.constraints ?? {}).join(', ');
    if (field) problems.push(`${field.env}=${shown(field, String(broken.value ?? ''))}: ${rules}. ${field.describes}`);
  }
  if (problems.length > 0) throw new InvalidSettings(`the configuration is not valid:\n  ${problems.join('\n  ')}`);
  return settings;
}

export interface ListedSetting {
  env: string;
  value: string;
  default: string;
  describes: string;
}

/** Every setting of the given classes with its value in this environment; secrets show only whether they are set. */
export function listSettings(types: readonly SettingsClass[], env: Environment = process.env): ListedSetting[] {
  return types.flatMap((type) => {
    const defaults = new type() as Record<string, unknown>;
    const values = readSettings(type, env) as Record<string, unknown>;
    const show = (field: Field, value: unknown): string => (value === undefined || value === '' ? '' : shown(field, Array.isArray(value) ? value.join(',') : String(value)));
    return (fieldsOf.get(type.prototype as object) ?? []).map((field) => ({
      env: field.env,
      value: show(field, values[field.property]),
      default: show(field, defaults[field.property]),
      describes: field.describes,
    }));
  });
}

/** Wrong decorators are ours to find, not the operator's, so the kind comes from the default where there is one. */
function kindOf(type: SettingsClass, settings: object, field: Field): string {
  const initial = (settings as Record<string, unknown>)[field.property];
  if (Array.isArray(initial)) return 'list';
  if (initial !== undefined) return typeof initial;
  const declared = Reflect.getMetadata('design:type', type.prototype as object, field.property) as { name?: string } | undefined;
  return declared?.name?.toLowerCase() ?? 'string';
}

function parse(text: string, kind: string): unknown {
  if (kind === 'list' || kind === 'array') return text.split(',').map((item) => item.trim()).filter((item) => item !== '');
  if (kind === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(text)) return true;
    if (/^(false|0|no|off)$/i.test(text)) return false;
    throw new Error('write true or false');
  }
  if (kind === 'number') {
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Error('write a number');
    return value;
  }
  return text;
}

const shown = (field: Field, text: string): string => (field.secret ? '(secret)' : text);
