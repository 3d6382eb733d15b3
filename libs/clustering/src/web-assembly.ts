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
const webAssembly = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;

const PAGE = 65_536;
const MOST_PAGES = 65_536;

/** Memory for at least `bytes` bytes, all zero. @throws RangeError when that is more than 4 GiB or than the system gives. */
export function sharedMemory(bytes: number): SharedMemory {
  if (!webAssembly) return { buffer: new SharedArrayBuffer(bytes) };
  return new webAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: MOST_PAGES, shared: true });
}

/** `plain` is TypeScript; `auto` takes SIMD where the runtime has it. */
export type Kernel = 'auto' | 'simd' | 'plain';

/** @param base64 a module that needs SIMD. @returns undefined when it is not wanted or can not run. */
export function compileKernel(base64: string, kernel: Kernel): WasmModule | undefined {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (kernel === 'plain' || !webAssembly || (kernel === 'auto' && !webAssembly.validate(bytes))) return undefined;
  return new webAssembly.Module(bytes);
}

/** The functions of a module, working on the memory; each instance has variables of its own. */
export function instantiate<T extends object>(module: WasmModule, memory: SharedMemory): T {
  if (!webAssembly) throw new Error('a compiled module came from a thread with WebAssembly to one without');
  return new webAssembly.Instance(module, { env: { memory } }).exports as T;
}
