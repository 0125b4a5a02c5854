/** What somebody is called on the page. */

import {gettext} from "../lib/words.js";

/** Whose account was deleted has no name any more. */
export function shownName({name}) {
  return name || gettext("Deleted person");
}
