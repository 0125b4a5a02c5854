/** The sidebar on a narrow screen: a drawer that holds the focus while it is open, and gives it back. */

const WIDE = "(min-width: 60rem)"; // As in sidebar.css.

/** The browser opens and closes it (popover); `rest` returns the parts of the page that are out of reach meanwhile. */
export function keepDrawer({drawer, rest}) {
  drawer.addEventListener("beforetoggle", ({newState}) => {
    rest().forEach((part) => (part.inert = newState === "open")); // Free again before the focus goes back.
  });
  drawer.addEventListener("toggle", ({newState}) => {
    if (newState === "open") {
      (drawer.querySelector("[aria-current]") ?? drawer.querySelector("a")).focus();
    }
  });
  matchMedia(WIDE).addEventListener("change", () => drawer.hidePopover?.());
}
