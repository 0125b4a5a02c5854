/** What all dialogs have in common: one at a time, and a click beside it closes it; Escape is the browser's. */

/** Open it, or close it where it is open; `before` makes it ready. */
export function toggleDialog(dialog, before = () => {}) {
  if (dialog.open) {
    dialog.close();
  } else if (!document.querySelector("dialog:modal")) {
    before();
    dialog.showModal();
  }
}

export function closeBeside(dialog) {
  dialog.addEventListener("click", ({target}) => target === dialog && dialog.close());
}
