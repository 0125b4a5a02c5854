/** Addresses of a room's pages and its socket. */

/** The address after the room's slug has become another; one of another room stays as it is. */
export function moved(address, from, to) {
  return address.replace(`/chat/${encodeURIComponent(from)}/`, `/chat/${encodeURIComponent(to)}/`);
}
