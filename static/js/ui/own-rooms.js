/** One's rooms as the sidebar lists them. */

const KINDS = {"#icon-lock": "private", "#icon-person": "direct"};

/** {own: choices as in state/choices.js, here: the slug of the room that is shown, or null}. */
export function ownRooms(sidebar) {
  const entries = [...sidebar.querySelectorAll("[data-entry]")];
  const here = entries.find((entry) => entry.getAttribute("aria-current") === "page");
  return {own: entries.map(choice), here: here?.dataset.entry ?? null};
}

function choice(entry) {
  const title = entry.querySelector("[data-entry-title]").textContent;
  const kind = KINDS[entry.querySelector("use").getAttribute("href")] ?? "public";
  return {kind, key: entry.dataset.entry, title, url: entry.getAttribute("href")};
}
