/** Identifiers that the browser makes: UUIDs of version 7 (RFC 9562), which grow with time. */

/** Make a UUIDv7; `fill` puts random bytes into an array, `now` is in milliseconds. */
export function uuid7(now, fill) {
  const bytes = fill(new Uint8Array(16));
  for (let index = 0; index < 6; index += 1) {
    bytes[index] = Math.floor(now / 256 ** (5 - index)) % 256;
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return dashed([...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}

/** The id after this one, always the same: whoever gives a refused message a new id, and however often, gives this. */
export function nextId(id) {
  const last = (parseInt(id.slice(24), 16) + 1) % 2 ** 48;
  return id.slice(0, 24) + last.toString(16).padStart(12, "0");
}

function dashed(hex) {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
