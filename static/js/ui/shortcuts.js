/** The keys that work anywhere on a page. */

import {Emitter} from "../lib/emitter.js";
import {isComposing} from "./writing.js";

/** Emits "switch" and "help". */
export class Shortcuts extends Emitter {
  constructor(page) {
    super();
    page.addEventListener("keydown", (event) => {
      const wanted = isComposing(event) || event.defaultPrevented || event.altKey ? null : meant(event);
      if (wanted !== null) {
        event.preventDefault(); // The browser's own answer would be its search field, or the letter.
        this.emit(wanted);
      }
    });
  }
}

function meant({key, target, ctrlKey, metaKey, shiftKey}) {
  if (ctrlKey || metaKey) {
    return {k: shiftKey ? null : "switch", "/": "help"}[key.toLowerCase()] ?? null;
  }
  return key === "?" && !isWriting(target) ? "help" : null;
}

function isWriting(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}
