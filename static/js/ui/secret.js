/** A button beside a password that shows it. */

import {fromTemplate} from "./markup.js";

export function unveil(input) {
  const box = fromTemplate("secret-template");
  const button = box.querySelector("[data-secret]");
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  };
  input.before(box);
  box.prepend(input);
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false)); // Or the browser would remember it as any word.
}
