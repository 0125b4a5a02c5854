/** The keys that work anywhere on a page. */

import {Emitter} from "../lib/emitter.js";
import {isComposing} from "./writing.js";

/** Emits "switch" and "help". On a Mac the key is ⌘, for Ctrl with letters moves in a text there. */
export class Shortcuts extends Emitter {
  constructor({page, isMac}) {
    super();
    const command = isMac ? "metaKey" : "ctrlKey";
    page.addEventListener("keydown", (event) => {
      const isOurs = !(isComposing(event) || event.defaultPrevented || event.altKey);
      const wanted = isOurs ? meant(event, event[command]) : null;
      if (wanted !== null) {
        event.preventDefault(); // The browser's own answer would be its search field, or the letter.
        this.emit(wanted);
      }
    });
  }
}

function meant({key, target, ctrlKey, metaKey, shiftKey}, isCommand) {
  if (isCommand) {
    return {k: shiftKey ? null : "switch", "/": "help"}[key.toLowerCase()] ?? null;
  }
  return key === "?" && !(ctrlKey || metaKey || isWriting(target)) ? "help" : null;
}

function isWriting(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}
