/** Whether a text may go out: the limits that hello gave, measured as the server measures them. */

import {codePoints, frameBytes, isBlank} from "../lib/text.js";

const NEAR = 0.9;
const CLIENT_ID = "00000000-0000-7000-8000-000000000000";

/** Look at a text: {blank, rest, near, tooLong}; `rest` counts code points and is below zero when too many. */
export function examine(text, limits) {
  const length = codePoints(text);
  const rest = limits.message - length;
  return {
    blank: isBlank(text),
    rest,
    near: length > limits.message * NEAR,
    tooLong: rest < 0 || frameBytes({type: "send", client_id: CLIENT_ID, message: text}) > limits.frame,
  };
}
