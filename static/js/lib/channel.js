/** What the tabs of one browser tell each other; silence where the browser knows no way. */

/** {post, listen, close} over the channel of this name; a tab does not hear itself. */
export function openChannel(name, Channel = globalThis.BroadcastChannel) {
  try {
    const channel = new Channel(name);
    return {
      post: (news) => channel.postMessage(news),
      listen: (listener) => channel.addEventListener("message", ({data}) => listener(data)),
      close: () => channel.close(),
    };
  } catch {
    return {post: () => {}, listen: () => {}, close: () => {}};
  }
}
