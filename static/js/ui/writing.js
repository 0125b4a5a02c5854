/** What the fields one writes in have in common: what Enter means, how they grow, and the limits, told before they hurt. */

import {gettext, interpolate, ngettext} from "../lib/words.js";

const TOUCH = "(hover: none) and (pointer: coarse)";

/** A key of an input method, which is none of ours. */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** Enter sends; on a touch keyboard it breaks the line. */
export function meansSend(event) {
  const isMeant = event.ctrlKey || event.metaKey || !(event.shiftKey || isTouch());
  return event.key === "Enter" && isMeant && !isComposing(event);
}

export function isTouch() {
  return matchMedia(TOUCH).matches;
}

/** Where the browser does not size the field by its content. */
export function grow(input) {
  if (!CSS.supports("field-sizing", "content")) {
    input.style.blockSize = "auto";
    input.style.blockSize = `${input.scrollHeight}px`;
  }
}

/** Say in `counter` how much room is left, once that matters; `look` is what state/limits.js found. */
export function count(counter, {rest, near, tooLong}) {
  counter.hidden = !near && !tooLong;
  counter.textContent = counter.hidden ? "" : remaining(rest, tooLong);
}

function remaining(rest, tooLong) {
  if (rest < 0) {
    return interpolate(ngettext("%(count)s character too many", "%(count)s characters too many", -rest), {count: -rest});
  }
  if (tooLong) {
    return gettext("Too long to send in one piece");
  }
  return interpolate(ngettext("%(count)s character left", "%(count)s characters left", rest), {count: rest});
}
