/** How one part of a spec tells another that something happened, so that nobody sleeps and hopes. */
import { WaitedTooLong } from './errors.js';

export interface Signal<T> {
  /** Settles when `resolve` or `reject` is called; later calls change nothing. */
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: Error): void;
  /** The promise, or WaitedTooLong after so many milliseconds (20 s unless told). */
  wait(milliseconds?: number): Promise<T>;
}

/** @param what names it in the error: `signal('the handler was called')` */
export function signal<T = void>(what = 'the signal'): Signal<T> {
  const { promise, resolve, reject } = pending<T>();
  // A signal that is rejected before anyone waits for it is not an unhandled rejection.
  promise.catch(() => undefined);
  const wait = async (milliseconds = 20_000): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, fail) => {
      timer = setTimeout(() => fail(new WaitedTooLong(what, milliseconds)), milliseconds);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  };
  return { promise, resolve, reject, wait };
}

/** Promise.withResolvers, which Node 20 does not have. */
function pending<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: Error) => void } {
  const settle: { resolve?: (value: T) => void; reject?: (reason: Error) => void } = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, resolve: (value) => settle.resolve?.(value), reject: (reason) => settle.reject?.(reason) };
}
