/** How messages stand together: a separator where a day begins, one heading for what one author says in a row. */

import {dayOf} from "../lib/times.js";

const TOGETHER_MS = 5 * 60_000;

/** For each message, in order: {message, day, startsDay, continued}. */
export function arrange(messages) {
  let previous = null;
  return messages.map((message) => {
    const row = place(message, previous);
    previous = row;
    return row;
  });
}

function place(message, previous) {
  const day = days.get(message) ?? remember(message);
  const startsDay = day !== previous?.day;
  const continued = !startsDay && isSameBreath(message, previous.message);
  return {message, day, startsDay, continued};
}

function isSameBreath(message, previous) {
  const isSameAuthor = message.user?.id === previous.user?.id;
  return isSameAuthor && !message.reply_to && Date.parse(message.ts) - Date.parse(previous.ts) < TOGETHER_MS;
}

// A long log is arranged anew at each change; its days are worked out once.
const days = new WeakMap();

function remember(message) {
  const day = dayOf(message.ts);
  days.set(message, day);
  return day;
}
