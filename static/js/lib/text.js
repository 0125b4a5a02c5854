/** Measures of text as the wire counts them: code points and bytes of UTF-8. */

export function codePoints(text) {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}

/** Nothing to see: spaces, line breaks, and characters of no width. */
export function isBlank(text) {
  return !/[^\s\p{Cf}]/u.test(text);
}

/** The size of a frame as it goes over the wire. */
export function frameBytes(frame) {
  return new TextEncoder().encode(JSON.stringify(frame)).length;
}
