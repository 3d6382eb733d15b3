/** A leaf: what specs share. Nothing that ships imports it. */
export { itWithReference, referenceData } from './reference-data.js';
