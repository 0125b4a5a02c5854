/** The reader's words for the codes of the wire. */

import {gettext, interpolate} from "../lib/words.js";

/** Why a message was not sent; `sentence` is the server's own, for a code that is not known here. */
export function explainFailure(code, sentence) {
  const words = {
    bad_request: gettext("Not sent: the server could not read it."),
    empty: gettext("Not sent: there is nothing in it."),
    forbidden: gettext("Not sent: you may not write here."),
    internal: gettext("Not sent: something went wrong on the server."),
    not_found: gettext("Not sent: the room or the message is gone."),
    not_yours: gettext("Not sent: it was written under another name. Try again to send it as yourself."),
    read_only: gettext("Not sent: this room is read-only."),
    restored: gettext("Not sent: the room was restored from a backup since. Look whether it is there, or try again."),
    too_long: gettext("Not sent: it is too long."),
  };
  return words[code] ?? (sentence ? interpolate(gettext("Not sent: %(reason)s"), {reason: sentence}) : gettext("Not sent."));
}

/** Why a message was not edited, deleted or reacted to, and what to do: {kind, code, problem}. */
export function explainChange({kind, code, problem}) {
  const words = {
    changed_elsewhere: gettext("Not saved: you have changed it elsewhere meanwhile. Save again to replace that, or cancel."),
    empty: gettext("Not saved: there is nothing in it."),
    forbidden: gettext("Not changed: you may not change this message."),
    not_found: gettext("Not changed: the message has been deleted. Cancel, and write a new one."),
    read_only: gettext("Not changed: this room is read-only."),
    too_long: gettext("Not saved: it is too long. Shorten it and save again."),
  };
  if (kind === "react") {
    return code === "read_only" ? words.read_only : problem || gettext("The reaction was not taken.");
  }
  const unknown = kind === "edit" ? gettext("Not saved. Try again.") : gettext("Not deleted. Try again.");
  return words[code] ?? (problem ? interpolate(gettext("%(what)s (%(reason)s)"), {what: unknown, reason: problem}) : unknown);
}

/** Why a name was not taken. */
export function explainName(code, sentence, limit) {
  const words = {
    empty: gettext("A name needs at least one letter."),
    internal: gettext("Something went wrong on the server. Try again."),
    lost: gettext("There is no connection. Try again."),
    rate_limited: gettext("That was too often. Wait a moment and try again."),
    stale_page: gettext("Reload the page and try again."),
    too_long: interpolate(gettext("A name has at most %(limit)s characters."), {limit}),
    unavailable: gettext("The server could not save it. Try again in a moment."),
  };
  return words[code] ?? (sentence || gettext("That did not work. Try again."));
}

/** Why the connection will not come back by itself. */
export function explainClosed(code) {
  const words = {
    4400: gettext("This page is out of date."),
    4401: gettext("You have been logged out."),
    4403: gettext("You are no longer in this room."),
    4404: gettext("This room is not open to you."),
  };
  return words[code] ?? gettext("The connection was closed.");
}
