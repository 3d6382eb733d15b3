/** The part of WebAssembly that is used here; neither TypeScript's ECMAScript library nor Node 20's types name it. */

/** A compiled module: opaque, and can be sent to threads. */
export type WasmModule = object;

/** Memory that threads can share. Without WebAssembly it is only the buffer. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

interface WebAssemblyApi {
  validate: (bytes: Uint8Array) => boolean;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: object) => { exports: object };
  Memory: new (pages: { initial: number; maximum: number; shared: true }) => SharedMemory;
}

/** Undefined in a runtime that was started without it. */
export const webAssembly = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;

const PAGE = 65_536;
const MOST_PAGES = 65_536;

/** Memory for at least `bytes` bytes, all zero. @throws RangeError when that is more than 4 GiB or than the system gives. */
export function sharedMemory(bytes: number): SharedMemory {
  if (!webAssembly) return { buffer: new SharedArrayBuffer(bytes) };
  return new webAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: MOST_PAGES, shared: true });
}
