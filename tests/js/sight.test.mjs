/** What is seen of a room's log: the last message whose end is in sight, of a page that is looked at. */

import assert from "node:assert/strict";
import {test} from "node:test";

import {Sight} from "../../static/js/ui/sight.js";

const HEIGHT = 100;
const box = (top, bottom) => ({getBoundingClientRect: () => ({top, bottom})});

/** A log with messages 1, 2, 3 … whose lower ends stand at these heights. */
function log(...ends) {
  const nodes = ends.map((end, index) => ({...box(end - 20, end), dataset: {id: String(index + 1)}}));
  return {...box(0, HEIGHT), isConnected: true, querySelectorAll: () => nodes};
}

function sight(region, page = {hidden: false}) {
  const seen = [];
  let scroll = null;
  const looks = new Sight({region, page, scroller: {onScroll: (listener) => (scroll = listener)}, shown: (id) => seen.push(id)});
  return {seen, looks, scroll};
}

test("looking at once needs no frame of the page, and finds the last message whose end is in sight", () => {
  const {seen, looks} = sight(log(40, 90, 130));
  looks.lookNow();
  assert.deepEqual(seen, [2]);
});

test("nothing is seen on a hidden page, in a room that one has left, or where all has been scrolled by", () => {
  const found = [sight(log(40), {hidden: true}), sight({...log(40), isConnected: false}), sight(log(-30, -10)), sight(log(130))];
  found.forEach(({looks}) => looks.lookNow());
  assert.deepEqual(found.map(({seen}) => seen), [[], [], [], []]);
});

test("scrolling has it look soon, once for all that comes until then", (t) => {
  const frames = [];
  globalThis.requestAnimationFrame = (draw) => frames.push(draw);
  t.after(() => delete globalThis.requestAnimationFrame);
  const {seen, scroll} = sight(log(40));
  scroll();
  scroll();
  assert.deepEqual([seen, frames.length], [[], 1]);
  frames.forEach((draw) => draw());
  assert.deepEqual(seen, [1]);
});
