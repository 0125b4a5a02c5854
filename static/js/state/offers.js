/** What there is to do with a message, for this person at this time. */

/**
 * Some of "react", "reply", "edit", "copy", "delete", "unread", "versions", "report", "person", in the order in which they are offered.
 * `may` says of a right whether one has it, `can` of what needs the server or the device whether it is possible now.
 */
export function offersFor(message, {me, isInside = false, may, can, editSeconds = Infinity, now}) {
  if (!message || message.deleted) {
    return [];
  }
  const isOwn = message.user.id === me?.id;
  const isFresh = now - Date.parse(message.ts) <= editSeconds * 1000;
  const there = {
    react: may("react") && can("react"),
    reply: may("send") && can("reply"),
    edit: isOwn && isFresh && may("edit") && can("edit"),
    copy: can("copy"),
    delete: ((isOwn && isFresh && may("delete")) || may("moderate")) && can("delete"),
    unread: isInside && can("read"),
    versions: message.edited !== null && (isOwn || may("moderate")),
    report: !isOwn && may("report"),
    person: !isOwn && may("moderate"),
  };
  return Object.keys(there).filter((offer) => there[offer]);
}
