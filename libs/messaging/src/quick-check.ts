/**
 * Says yes to a message that class-validator would say yes to, by the same rules, and without the search for them that it does anew for every object. Whatever is not
 * plainly right goes the long way, which knows how to say what is wrong.
 */
import { getMetadataStorage } from 'class-validator';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';

type MessageClass = new () => object;
/** The instance, or undefined: ask the long way. */
export type QuickCheck = (value: unknown) => object | undefined;

interface Property {
  /** A property that need not be checked when one of these says no, as of `@IsOptional()`. */
  conditions: ((object: unknown, value: unknown) => boolean)[];
  rules: ((object: object, value: unknown) => unknown)[];
}

/** Keys that the long way strips at any depth. */
const STRIPPED = new Set(['__proto__', 'constructor', 'prototype']);

/** @param type a class of plain fields: class-transformer's decorators are not looked at; rules about items or nested classes leave it to the long way for good */
export function quickCheckOf(type: MessageClass): QuickCheck {
  const properties = propertiesOf(type);
  if (!properties) return () => undefined;
  return (value) => {
    if (!isPlain(value)) return undefined;
    for (const key of Object.keys(value)) if (!properties.has(key) || !isFlat(value[key])) return undefined;
    for (const [name, { conditions, rules }] of properties) {
      const own = value[name];
      if (conditions.every((applies) => applies(value, own)) && !rules.every((passes) => passes(value, own) === true)) return undefined;
    }
    return Object.assign(new type(), value);
  };
}

/**
 * The same for a message that is nothing but a list of others.
 * @param most of one message; a list that is empty or longer is left to the long way
 */
export function quickListCheckOf(type: MessageClass, property: string, item: MessageClass, most: number): QuickCheck {
  const check = quickCheckOf(item);
  return (value) => {
    if (!isPlain(value) || Object.keys(value).some((key) => key !== property)) return undefined;
    const list = value[property];
    if (!Array.isArray(list) || list.length === 0 || list.length > most) return undefined;
    const items: object[] = [];
    for (const one of list) {
      const checked = check(one);
      if (!checked) return undefined;
      items.push(checked);
    }
    return Object.assign(new type(), { [property]: items });
  };
}

function propertiesOf(type: MessageClass): Map<string, Property> | undefined {
  const properties = new Map<string, Property>();
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(type, '', false, false)) {
    const property = properties.get(rule.propertyName) ?? { conditions: [], rules: [] };
    properties.set(rule.propertyName, property);
    if (rule.type === 'conditionalValidation') property.conditions.push(rule.constraints[0] as Property['conditions'][number]);
    else if (rule.type === 'customValidation' && !rule.each && !rule.validateIf && rule.groups.length === 0) property.rules.push(...rulesOf(rule));
    else return undefined;
  }
  return properties;
}

function rulesOf(rule: ValidationMetadata): Property['rules'] {
  const { propertyName: property, constraints } = rule;
  return getMetadataStorage()
    .getTargetValidatorConstraints(rule.constraintCls)
    .map(({ instance }) => (object, value) => instance.validate(value, { targetName: '', property, object, value, constraints }));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A value that the long way would hand on as it came: no object in it that it would copy, no key that it would strip. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  return isPlain(value) && Object.keys(value).every((key) => !STRIPPED.has(key) && (typeof value[key] !== 'object' || value[key] === null));
}
