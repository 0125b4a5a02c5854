/** What of a page belongs to one room: its own part, the data that the server has put there, and the list of rooms. */

import {slugAt} from "../lib/paths.js";
import {readPage} from "./markup.js";

const FILES = "script[src], link[rel=stylesheet]";

/** Take the room out of the document that is open: {slug, root, data, me}. */
export function takeRoom(page) {
  const element = page.getElementById("page");
  element.remove();
  const data = JSON.parse(element.textContent);
  return {slug: data.room.slug, root: page.querySelector("[data-page]"), data, me: data.me};
}

/** The same and its `list` of rooms from another page's markup; null where that is no room, or made of other files than `page`. */
export function readRoom({html, url}, page) {
  const other = readPage(html);
  if (slugAt(new URL(url).pathname) === null || !other.getElementById("page") || look(other) !== look(page)) {
    return null;
  }
  other.querySelector("[autofocus]")?.removeAttribute("autofocus"); // That is for a page that opens.
  return {...takeRoom(other), list: other.querySelector("[data-sidebar-rooms]")};
}

/** The language of a page and what it is built of: after an update of the server, the files have other names. */
function look(page) {
  const files = [...page.querySelectorAll(FILES)].map((file) => file.getAttribute("src") ?? file.getAttribute("href"));
  return [page.documentElement.lang, ...files].join(" ");
}
