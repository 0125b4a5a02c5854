/** Fills the markup of one message; its shape is templates/room/_message.html and nowhere else. */

import {colour, initials} from "../lib/avatars.js";
import {gettext} from "../lib/words.js";
import {explainFailure} from "./explain.js";
import {fromTemplate, showMarkup} from "./markup.js";

export function createMessage() {
  return fromTemplate("message-template");
}

/** Show a message of the log. */
export function fillMessage(node, message, {times, permalink}) {
  node.removeAttribute("data-client-id");
  Object.assign(node.dataset, {id: message.id, seq: message.seq, author: message.user.id, state: "sent"});
  fillHead(node, message, times);
  node.querySelector(".message__link").href = permalink.replace(/0$/, message.id);
  fillText(node, message);
  node.querySelector(".message__clock").hidden = true;
  showFailure(node, null);
}

/** Show what is in the outbox: {client_id, acked, user, ts, message, state, code, problem}; `acked` is the id it got. */
export function fillUnsent(node, entry, {times}) {
  Object.assign(node.dataset, {id: entry.acked ?? "", clientId: entry.client_id, author: entry.user.id ?? "", state: entry.state});
  fillHead(node, entry, times);
  const text = node.querySelector(".message__text");
  text.classList.add("prose--plain");
  text.textContent = entry.message;
  node.querySelector(".message__clock").hidden = entry.state !== "pending";
  showFailure(node, entry);
}

/** Times in the reader's zone; the server does not know it. */
export function fillTime(node, ts, times) {
  const time = node.querySelector(".message__time");
  time.dateTime = ts;
  time.textContent = times.time(ts);
  time.title = times.full(ts);
}

export function fillAvatar(avatar, user) {
  avatar.className = `avatar avatar--${colour(user.id)}`;
  avatar.textContent = initials(user.name);
}

function fillHead(node, {user, ts}, times) {
  fillAvatar(node.querySelector("[data-avatar]"), user);
  node.querySelector(".message__author").textContent = user.name;
  fillTime(node, ts, times);
}

function fillText(node, message) {
  const text = node.querySelector(".message__text");
  text.classList.remove("prose--plain");
  node.classList.toggle("message--deleted", message.deleted === true);
  node.querySelector(".message__edited").hidden = !message.edited || message.deleted === true;
  if (message.deleted) {
    text.textContent = gettext("This message was deleted.");
  } else {
    showMarkup(text, message.html);
  }
}

function showFailure(node, entry) {
  node.querySelector(".message__failure")?.remove();
  if (entry?.state === "failed") {
    const failure = fromTemplate("failure-template");
    failure.querySelector("[data-failure-reason]").textContent = explainFailure(entry.code, entry.problem);
    node.querySelector(".message__body").append(failure);
  }
}
