/** Links to rooms lead there without another page; so do the browser's ways back and forth. */

import {slugAt} from "../lib/paths.js";

/**
 * `view` is the window. `go({slug, path}, arrive)` goes to a room, `here` returns the slug of the one that is shown. Returns
 * what a click on a link to a path does.
 */
export function followRoomLinks({view, drawer, go, stop, here}) {
  const {document: page, history, location} = view;

  page.addEventListener("click", (event) => {
    const path = isPlain(event) ? pathOfLink(event.target.closest("a[href]"), location) : null;
    if (path !== null) {
      event.preventDefault();
      visit(path);
    }
  });

  function visit(path) {
    go({slug: slugAt(path), path}, (room) => {
      drawer.hidePopover?.();
      if (room.path !== location.pathname + location.search) {
        history.pushState(null, "", room.path);
      }
    });
  }

  view.addEventListener("popstate", () => {
    const slug = slugAt(location.pathname);
    if (slug === null) {
      location.reload(); // A page of another kind stands at this address.
    } else if (slug === here()) {
      stop();
    } else {
      go({slug, path: location.pathname}, () => drawer.hidePopover?.());
    }
  });

  return visit;
}

/** A click that opens its link here, and that nothing on the page has answered already. */
function isPlain(event) {
  return event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented);
}

/** The path of the room that a link leads to; null for all others. */
function pathOfLink(link, {origin}) {
  if (!link || link.target || link.hasAttribute("download") || link.origin !== origin || link.search || link.hash) {
    return null;
  }
  return slugAt(link.pathname) === null ? null : link.pathname;
}
