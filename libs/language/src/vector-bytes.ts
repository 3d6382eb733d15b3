/**
 * Vectors as bytes for a `bytea` column: little-endian Float32, four bytes a dimension, nothing else. The byte order is fixed because the
 * database outlives the machine that wrote it.
 */
import { InvalidVector } from './errors.js';

/** 4 × length bytes. */
export function encodeVector(vector: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

/** A copy that does not share memory with the bytes. */
export function decodeVector(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw new InvalidVector(`a vector of Float32 takes a multiple of 4 bytes, got ${bytes.length}: the column holds something else or was cut`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}
