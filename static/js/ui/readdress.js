/** The room has another slug: whatever on the page leads into the room leads there under the new one. */

import {moved} from "../lib/paths.js";

export function readdress(page, from, to) {
  for (const [selector, attribute] of [["a[href]", "href"], ["form[action]", "action"]]) {
    page.querySelectorAll(selector).forEach((part) => part.setAttribute(attribute, moved(part.getAttribute(attribute), from, to)));
  }
}
