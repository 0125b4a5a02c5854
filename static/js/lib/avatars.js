/** What stands for a person without a picture: initials and one of ten colours, as in chat/web/tags.py. */

export function initials(name) {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

/** The colour's number: the last digit of the id, because that is what a Django template can compute too. */
export function colour(id) {
  return String(id ?? "").slice(-1);
}
