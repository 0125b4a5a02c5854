/** The real time and timers, in the shape that everything which waits is given. */

export const systemClock = {
  // The wall's clock runs on while a laptop sleeps, and may be set back; the steady one is the other way round.
  now: () => Date.now(),
  steady: () => globalThis.performance.now(),
  setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};
