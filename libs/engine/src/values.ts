/**
 * Large values by reference. What a step hands on in its output is small; a value that is large is kept beside the run, and its reference is handed on.
 */

/** Handed on in an output: `{ "$ref": "fetch/pages", "bytes": 2097152 }`. Counts within its run, and within a run that resumes it. Carries the value's type. */
export type ValueReference<Value = unknown> = { $ref: string & { readonly __value?: Value }; bytes: number };

/** One value at most; what is larger belongs in a table of the pipeline. */
export const MAX_VALUE_BYTES = 16 * 1024 * 1024;

export function isReference(value: unknown): value is ValueReference {
  return typeof value === 'object' && value !== null && typeof (value as Partial<ValueReference>).$ref === 'string';
}
