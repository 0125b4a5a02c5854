/** The reactions under messages: each kind with its count and names, and a press that puts one's own there or takes it away. */

import {gettext, interpolate, ngettext} from "../lib/words.js";
import {explainChange} from "./explain.js";
import {fromTemplate} from "./markup.js";
import {shownName} from "./people-names.js";

/** Show these kinds ({emoji, count, users, isOwn}) under a message; what stays keeps its node, and with it the focus. */
export function fillReactions(node, kinds) {
  const list = node.querySelector("[data-reactions]");
  const before = new Map([...list.children].map((chip) => [chip.dataset.emoji, chip]));
  const chips = kinds.map((kind) => fillChip(before.get(kind.emoji) ?? fromTemplate("reaction-template"), kind));
  [...before.values()].filter((chip) => !chips.includes(chip)).forEach((chip) => chip.remove());
  chips.forEach((chip, place) => list.children[place] === chip || list.insertBefore(chip, list.children[place] ?? null));
  list.hidden = kinds.length === 0;
}

export class ReactionChips {
  #list;
  #nodeOf;

  /** `toggle` takes a message's id and an emoji; `nodeOf` finds the message's node. */
  constructor({list, reactions, nodeOf, toggle}) {
    this.#list = list;
    this.#nodeOf = nodeOf;
    list.addEventListener("click", ({target}) => {
      const chip = target.closest("[data-reaction]");
      if (chip) {
        toggle(Number(chip.closest(".message").dataset.id), chip.dataset.emoji);
      }
    });
    reactions.on("refused", (refusal) => this.#explain(refusal));
    reactions.on("change", (id) => this.#nodeOf(id)?.querySelector("[data-reaction-refused]")?.remove());
  }

  /** What somebody may not do is not offered as if they could. */
  allow(mayReact) {
    this.#list.toggleAttribute("data-no-reactions", !mayReact);
  }

  #explain({id, code, problem}) {
    const note = fromTemplate("refusal-template");
    note.textContent = explainChange({kind: "react", code, problem});
    this.#nodeOf(id)?.querySelector(".message__body").append(note);
  }
}

function fillChip(chip, {emoji, count, users, isOwn}) {
  const button = chip.querySelector("button");
  const names = namesOf(users, count);
  chip.dataset.emoji = emoji;
  chip.classList.toggle("reaction--own", isOwn);
  button.querySelector("[data-reaction-emoji]").textContent = emoji;
  button.querySelector("[data-reaction-count]").textContent = count;
  button.setAttribute("aria-pressed", String(isOwn));
  button.setAttribute("aria-label", interpolate(gettext("%(emoji)s %(count)s: %(names)s"), {emoji, count, names}));
  chip.querySelector("[data-reaction-names]").textContent = names;
  return chip;
}

function namesOf(users, count) {
  const names = users.map(shownName);
  const more = count - users.length;
  if (more > 0) {
    names.push(interpolate(ngettext("%(count)s more", "%(count)s more", more), {count: more}));
  }
  return new Intl.ListFormat(document.documentElement.lang).format(names);
}
