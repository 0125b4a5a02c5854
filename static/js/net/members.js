/** Asks who belongs to the room, over HTTP. */

/** Resolves with [{id, name, role}], those with more rights first; null where they could not be learnt. */
export async function fetchMembers(url) {
  try {
    const response = await fetch(url, {headers: {Accept: "application/json"}});
    return response.ok ? (await response.json()).people : null;
  } catch {
    return null;
  }
}
