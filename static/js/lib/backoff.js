/** How long to wait before trying again: full jitter, so that a thousand clients do not come back as one. */

export const SHORTEST_MS = 500;
export const LONGEST_MS = 30_000;

/**
 * A wait of at most the time it has not worked so far, within half a second and half a minute. Growing with time and
 * not with attempts, it never makes anyone wait much longer than the trouble itself has lasted, whatever chance says.
 */
export function backoff(troubled, random) {
  return random() * Math.min(LONGEST_MS, Math.max(SHORTEST_MS, troubled));
}
