/** Asks the server for rooms and people by a part of their names. */

/** Resolves with choices as in state/choices.js: {kind, key, title, url} for a room, {kind, key, title} for a person; or null. */
export async function lookUp(url, query) {
  try {
    const response = await fetch(`${url}?${new URLSearchParams({q: query})}`, {headers: {Accept: "application/json"}});
    return response.ok ? choices(await response.json()) : null;
  } catch {
    return null;
  }
}

function choices({rooms, people}) {
  return [
    ...rooms.map(({slug, title, kind, url}) => ({kind, key: slug, title, url})),
    ...people.map(({id, name}) => ({kind: "person", key: id, title: name})),
  ];
}
