/** Joins changes that come close together into one drawing. */

const HIDDEN_MS = 100; // A hidden page has no frames, and should be right all the same when one looks at it.

/** A function that has `draw` called once, soon. */
export function scheduler(draw) {
  let isDue = false;
  const run = () => {
    if (isDue) {
      isDue = false;
      draw();
    }
  };
  return () => {
    if (!isDue) {
      isDue = true;
      requestAnimationFrame(run);
      setTimeout(run, HIDDEN_MS);
    }
  };
}
