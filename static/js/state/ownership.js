/** Whose something written here is: it belongs to one person in one life of the room, and never goes out as another's. */

export const NOBODY = {user: null, guest: null, epoch: null};

export function isOwn(written, me) {
  return me.user !== null && me.epoch !== null && written.user === me.user && written.epoch === me.epoch;
}

/** Written on this very page, before the server said who one is: it becomes one's own at the first hello. */
export function isUnclaimed({user, epoch}) {
  return user === null || epoch === null;
}

/**
 * An outbox entry as `me` may see it: as it is; as one that failed, for the person to decide; or null, kept aside.
 * Another member's words wait for that member. Those of another guest are shown: nobody can ever be that guest again.
 */
export function judge(entry, me, {isFromHere}) {
  if (isOwn(entry, me) || entry.state === "sent" || (isFromHere && isUnclaimed(entry))) {
    return entry;
  }
  const isHidden = me.user === null || (entry.user !== null && entry.user !== me.user && !entry.guest);
  if (isHidden && !isFromHere) {
    return null;
  }
  const code = entry.user === me.user && entry.epoch !== null ? "restored" : "not_yours";
  return {...entry, state: "failed", code, problem: "", isFinal: false};
}
