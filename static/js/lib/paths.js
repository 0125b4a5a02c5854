/** Addresses of a room's pages and its socket. */

/** The address after the room's slug has become another; one of another room stays as it is. */
export function moved(address, from, to) {
  return address.replace(`/chat/${encodeURIComponent(from)}/`, `/chat/${encodeURIComponent(to)}/`);
}

/** The slug of the room whose own page is at this path; null for any other page. */
export function slugAt(path) {
  const [, encoded] = path.match(/^\/chat\/([^/]+)\/$/) ?? [];
  try {
    return encoded === undefined ? null : decodeURIComponent(encoded);
  } catch {
    return null; // No UTF-8: the server will say so.
  }
}

/** The path of a room's own page. */
export function pathOf(slug) {
  return `/chat/${encodeURIComponent(slug)}/`;
}
