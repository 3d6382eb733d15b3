/** Hash chain, canonical JSON and Merkle proofs: arithmetic that a stranger can repeat. No clock, no store, no network. */
export { canonicalJson } from './canonical-json.js';
export type { JsonObject, JsonValue } from './canonical-json.js';
export { entryHash, GENESIS } from './entry.js';
export type { ChainHead, EvidenceDraft, EvidenceEntry, HashedFields } from './entry.js';
export { sealEntries } from './seal-entries.js';
export { verifyChain } from './verify-chain.js';
export type { BreakReason, ChainVerdict, VerifyOptions } from './verify-chain.js';
export { inclusionProof, merkleRoot, verifyInclusion } from './merkle.js';
export type { InclusionProof } from './merkle.js';
export { newSalt, saltedHash } from './salted-hash.js';
export { EvidenceError, LeafOutOfRangeError, MalformedEntryError, MalformedSaltError, NotCanonicalError } from './errors.js';
