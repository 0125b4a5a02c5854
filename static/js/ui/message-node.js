/** Fills the markup of one message; its shape is templates/room/_message.html and nowhere else. */

import {colour, initials} from "../lib/avatars.js";
import {gettext} from "../lib/words.js";
import {explainChange, explainFailure} from "./explain.js";
import {fromTemplate, showMarkup} from "./markup.js";
import {shownName} from "./people-names.js";
import {fillQuote} from "./quotes.js";
import {fillReactions} from "./reactions.js";

export function createMessage() {
  return fromTemplate("message-template");
}

/**
 * Show a message of the log, with the `change` of it that is on its way, or failed; `keepsText` where the text that
 * stands there is the same still, so that a selection in it survives and nobody hears it twice.
 */
export function fillMessage(node, message, {times, permalink, kinds, original, isForMe}, change = null, {keepsText = false} = {}) {
  node.removeAttribute("data-client-id");
  Object.assign(node.dataset, {id: message.id, seq: message.seq, author: message.user.id, state: "sent"});
  node.dataset.change = change?.state ?? "";
  fillHead(node, message, times);
  node.querySelector(".message__link").href = permalink(message.id);
  if (!keepsText) {
    fillText(node, message);
  }
  fillChange(node, change);
  fillReactions(node, kinds(message));
  fillAnswered(node, message, {permalink, original});
  node.classList.toggle("message--for-me", isForMe(message));
}

/** Show what is in the outbox: {client_id, acked, user, ts, message, state, code, problem}; `acked` is the id it got. */
export function fillUnsent(node, entry, {times, permalink, original}) {
  Object.assign(node.dataset, {id: entry.acked ?? "", clientId: entry.client_id, author: entry.user.id ?? "", state: entry.state});
  fillHead(node, entry, times);
  showPlain(node, entry.message);
  fillAnswered(node, entry, {permalink, original});
  node.querySelector(".message__clock").hidden = entry.state !== "pending";
  showFailure(node, entry.state === "failed" ? explainFailure(entry.code, entry.problem) : null);
}

/** The line that says what this message answers. */
export function fillAnswered(node, {reply_to: id = null, deleted = false}, {permalink, original}) {
  const line = node.querySelector("[data-quote]");
  line.hidden = id === null || deleted;
  if (!line.hidden) {
    line.dataset.quote = id;
    line.href = permalink(id);
    fillQuote(line, original(id));
  }
}

/** Times in the reader's zone; the server does not know it. */
export function fillTimes(node, {ts, edited}, times) {
  const time = node.querySelector(".message__time");
  time.dateTime = ts;
  time.textContent = times.time(ts);
  time.title = times.full(ts);
  if (edited) {
    const mark = node.querySelector(".message__edited");
    mark.dateTime = edited;
    mark.title = times.full(edited);
  }
}

export function fillAvatar(avatar, user) {
  avatar.className = `avatar avatar--${colour(user.id)}`;
  avatar.textContent = initials(user.name);
}

function fillHead(node, message, times) {
  fillAvatar(node.querySelector("[data-avatar]"), message.user);
  node.querySelector(".message__author").textContent = shownName(message.user);
  fillTimes(node, message, times);
}

function fillText(node, message) {
  const text = node.querySelector(".message__text");
  text.classList.remove("prose--plain");
  node.classList.toggle("message--deleted", message.deleted === true);
  node.querySelector(".message__edited").hidden = !message.edited || message.deleted === true;
  if (message.deleted) {
    text.textContent = gettext("Message deleted");
  } else {
    showMarkup(text, message.html);
  }
}

/** What one has changed shows at once, before the server has said so. */
function fillChange(node, change) {
  const isWaiting = change !== null && change.state !== "failed";
  if (isWaiting && change.kind === "edit") {
    showPlain(node, change.message);
  }
  node.querySelector(".message__clock").hidden = change?.state !== "pending";
  showFailure(node, change?.state === "failed" ? explainChange(change) : null);
}

function showPlain(node, words) {
  const text = node.querySelector(".message__text");
  text.classList.add("prose--plain");
  text.textContent = words;
}

function showFailure(node, sentence) {
  node.querySelector(".message__failure")?.remove();
  if (sentence !== null) {
    const failure = fromTemplate("failure-template");
    failure.querySelector("[data-failure-reason]").textContent = sentence;
    node.querySelector(".message__body").append(failure);
  }
}
