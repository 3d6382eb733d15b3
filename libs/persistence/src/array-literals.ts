/** Postgres arrays as text. The driver's own way looks at each element anew for what it may be, and most of ours can hold nothing that needs an escape. */

/** Of ids, numbers and ISO times, which hold no character that means something in an array. */
export const plain = (values: readonly (string | null)[]): string => `{${values.map((value) => value ?? 'NULL').join()}}`;

export const integers = (values: readonly number[]): string => `{${values.join()}}`;
export const floats = integers;

/** Of any text. */
export const texts = (values: readonly (string | null)[]): string => `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)).join()}}`;

/** Of JSON, written already. */
export const jsons = texts;
