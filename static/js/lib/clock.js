/** The real time and timers, in the shape that everything which waits is given. */

export const systemClock = {
  // Not performance.now(): that one stands still while a laptop sleeps, and then a dead socket looks young.
  now: () => Date.now(),
  setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};
