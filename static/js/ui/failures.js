/** The buttons on what could not be sent, edited or deleted: try again, or give up. */

/** `retryChange` takes the id of the message whose change failed. */
export function listenToFailures({list, outbox, changes, retryChange}) {
  list.addEventListener("click", ({target}) => {
    const node = target.closest(".message__failure") ? target.closest(".message") : null;
    const isRetry = Boolean(target.closest("[data-retry]"));
    const isDiscard = Boolean(target.closest("[data-discard]"));
    if (node?.dataset.clientId) {
      isRetry && outbox.retry(node.dataset.clientId);
      isDiscard && outbox.discard(node.dataset.clientId);
    } else if (node) {
      isRetry && retryChange(Number(node.dataset.id));
      isDiscard && changes.discard(Number(node.dataset.id));
    }
  });
}
