/** Notices that the machine, or this tab, has slept: no event says so where the page was in sight all the time. */

import {Stopwatch} from "./stopwatch.js";

const LOOK_MS = 5_000;
const NAP_MS = 15_000;

/** Call `woken` soon after each sleep. */
export function watchNaps({clock, woken}) {
  const watch = new Stopwatch(clock);
  const look = () => {
    const slept = watch.elapsed > NAP_MS;
    watch.restart();
    clock.setTimeout(look, LOOK_MS);
    if (slept) {
      woken();
    }
  };
  clock.setTimeout(look, LOOK_MS);
}
