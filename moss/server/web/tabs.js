/** What this tab changes about a chat, told to the other tabs of this browser, and what they tell. Nothing is asked. */

const channel = new BroadcastChannel("moss");

/** Tells the other tabs of a change: `chat` is its id; `title` the new one, or `deleted`, where it is no more than that. */
export function tellTabs(change) {
  channel.postMessage(change);
}

/** Calls `heard` with every change that another tab tells. */
export function hearTabs(heard) {
  channel.addEventListener("message", ({ data }) => heard(data));
}
