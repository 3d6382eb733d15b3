/** A name that is not known is answered with the one that was meant. */
import { alike } from '@carillon/engine';

/** `; did you mean "import"?` for the nearest name, or all of them when none is near. */
export function didYouMean(given: string, names: readonly string[]): string {
  const near = alike(given, names);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return names.length === 0 ? '' : `; there is ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}`;
}
