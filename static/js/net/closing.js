/** What each close code asks of a client: whether it comes back, and when. */

import {backoff} from "../lib/backoff.js";

const RESTARTING = 4412;
const RESTART_SPREAD_MS = 500;
const CROWDED = new Set([4413, 4429]);
const CROWDED_SHORTEST_MS = 2_000;

/** Codes after which a message in flight has failed: the frame itself was the reason. */
export const FRAME_REFUSED = new Set([1007, 1009]);

/** Codes after which one has no right to what is shown: logged out, removed or banned, no such room for this person. */
export const LOGGED_OUT = 4401;
export const SENT_AWAY = new Set([LOGGED_OUT, 4403, 4404]);

export function comesBack(code) {
  return !(code >= 4400 && code < 4500) || (code >= 4408 && code <= 4429);
}

/** Milliseconds to wait; `troubled` is for how long there has been no lasting connection. */
export function delayAfter(code, troubled, random) {
  if (code === RESTARTING && troubled === 0) {
    return random() * RESTART_SPREAD_MS;
  }
  const delay = backoff(troubled, random);
  return CROWDED.has(code) ? CROWDED_SHORTEST_MS + delay : delay;
}
