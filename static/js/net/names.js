/** Changes one's name over HTTP, where the session's cookie can be set. */

import {Refusal} from "./requests.js";

/** Post the form; resolves with the user {id, name, guest}, rejects with a Refusal. */
export async function rename(url, form) {
  const response = await post(url, form);
  const answer = await response.json().catch(() => ({code: response.status === 403 ? "stale_page" : "internal"}));
  if (!response.ok || !answer.user) {
    throw new Refusal(answer);
  }
  return answer.user;
}

async function post(url, form) {
  try {
    return await fetch(url, {method: "POST", body: form, headers: {Accept: "application/json"}});
  } catch {
    throw new Refusal({code: "lost", temporary: true});
  }
}
