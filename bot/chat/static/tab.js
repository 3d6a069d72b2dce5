// What this tab keeps, which is one token and nothing else, and what the open tabs of the page tell each other.

const KEY = "t";
const BRIEF = 120_000; // ms; who comes back sooner finds the text where it was
const SPLIT = "~"; // no token holds it

let channel = null;

function read() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage is off: the chat works, a reload starts a new one
  }
}

function write(value) {
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.clear();
  } catch {
    // as above
  }
}

/** Keeps the token for this tab; null forgets it. */
export function remember(token) {
  write(token ?? "");
}

/**
 * The page goes away: only from then on is the token stored with the time, and with the number of the last message that
 * is not to be shown again.
 */
export function stamp(token, after) {
  if (token) write([token, Date.now(), after].join(SPLIT));
}

/**
 * What an earlier page of this tab left: `{token, after}`, token "" for none. Words after message number `after` may be
 * shown again; undefined for none at all.
 * They come back after a reload alone. A duplicated or restored tab holds a copy of the token but no fresh time, or does
 * not come by a reload, and starts empty: who duplicates a tab may not be who wrote in it.
 */
export function found() {
  const [token, left, after] = read().split(SPLIT);
  remember(token || null);
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const fresh = reloaded && !document.wasDiscarded && Date.now() - Number(left || 0) < BRIEF;
  return { token, after: fresh ? Number(after) : undefined };
}

/** Calls `left()` when the young person leaves in any other tab of the page. */
export function listen(left) {
  if (!("BroadcastChannel" in window)) return;
  channel = new BroadcastChannel(KEY);
  channel.onmessage = left;
}

/** Empties every other tab of the page. */
export function tellTabs() {
  channel?.postMessage("");
}
