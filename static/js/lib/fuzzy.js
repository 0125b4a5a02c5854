/** How well a few typed letters fit a name: whole words best, then beginnings, then parts, then letters in their order. */

const WHOLE = 1000;
const BEGINNING = 800;
const WORD = 700; // The beginning of a word inside.
const PART = 500;
const LETTERS = 300; // At most, for letters that only come in this order.
const LOOSE = 0.35; // Below this share of what they could be, letters are chance.
const LENGTH_COST = 0.5; // For each character: of two names that fit alike, the shorter one.

/** Letters without case, width and accents; 聊天室 and か stay what they are, as does Hangul. */
export function fold(text) {
  const bare = text.normalize("NFKD").replace(/[\u0300-\u036f]/gu, "");
  return bare.normalize("NFKC").toLowerCase().trim();
}

/** A number above 0, the higher the better, where each word of the query is found in the name; else 0. */
export function fit(query, name) {
  const text = [...fold(name)];
  const words = fold(query).split(/\s+/).filter(Boolean);
  const scores = words.map((word) => fitWord([...word], text));
  const isFound = words.length > 0 && scores.every((score) => score > 0);
  return isFound ? Math.max(1, Math.min(...scores) - text.length * LENGTH_COST) : 0;
}

function fitWord(word, text) {
  if (word.length === text.length && startsAt(word, text, 0)) {
    return WHOLE;
  }
  const places = [...text.keys()].filter((place) => startsAt(word, text, place));
  if (places.includes(0)) {
    return BEGINNING;
  }
  if (places.length > 0) {
    return places.some((place) => beginsWord(text, place)) ? WORD : PART;
  }
  return fitLetters(word, text);
}

function startsAt(word, text, place) {
  return word.every((letter, index) => text[place + index] === letter);
}

function beginsWord(text, place) {
  return place === 0 || !/[\p{L}\p{N}]/u.test(text[place - 1]);
}

/** The best way to find the letters in their order: those that begin words or follow each other count most. */
function fitLetters(word, text) {
  let best = text.map(() => -Infinity); // With the letters so far, the last of them at this place.
  word.forEach((letter, index) => {
    let before = index === 0 ? 0 : -Infinity; // The best that ended anywhere before the place one looks at.
    best = text.map((other, place) => {
      const adjoining = index > 0 && place > 0 ? best[place - 1] + 3 : -Infinity;
      const score = other === letter ? 1 + Math.max(before + (beginsWord(text, place) ? 3 : 0), adjoining) : -Infinity;
      before = index === 0 ? 0 : Math.max(before, best[place]);
      return score;
    });
  });
  const share = Math.max(0, ...best) / (word.length * 4);
  return share >= LOOSE ? LETTERS * share : 0;
}
