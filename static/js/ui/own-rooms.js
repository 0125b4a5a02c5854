/** One's rooms as the sidebar lists them. */

const KINDS = {"#icon-lock": "private", "#icon-person": "direct"};
const LEVELS = {all: "all", mentions: "mentions", nothing: "none"};

/** {own: choices as in state/choices.js, here: the slug of the room that is shown, or null}. */
export function ownRooms(sidebar) {
  const entries = [...sidebar.querySelectorAll("[data-entry]")];
  const here = entries.find((entry) => entry.getAttribute("aria-current") === "page");
  return {own: entries.map(choice), here: here?.dataset.entry ?? null};
}

function choice(entry) {
  const title = entry.querySelector("[data-entry-title]").textContent;
  const kind = KINDS[entry.querySelector("use").getAttribute("href")] ?? "public";
  return {kind, key: entry.dataset.entry, title, url: entry.getAttribute("href"), level: levelOf(entry)};
}

/** Of what in this room one wants to be told on all of one's devices, as in state/notice-choice.js; null where nothing is said. */
function levelOf(entry) {
  const isMuted = entry.querySelector("[data-entry-muted]") !== null;
  return isMuted ? "none" : LEVELS[entry.dataset.notify] ?? null;
}
