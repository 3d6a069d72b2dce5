// The line to the server. While it is down nothing may be sent, and the page says since when;
// once it is back, everything is read again first: an answer to words that were not seen can do harm.

import { Refused, serverNow } from "./api.js";
import { $, say, setText, show } from "./dom.js";
import { exactTime } from "./clock.js";
import { catchUp, concernsOpen, readOpen, readQueue } from "./reading.js";
import { changed, isMe, isMine, opened, state, supervises } from "./state.js";
import { signedOut, trouble } from "./trouble.js";

const POLL = 15_000; // milliseconds; a lost hint costs no more than this
const GATHER = 120; // milliseconds; hints that come together are one reading
const PAUSES = [1000, 2000, 4000, 8000];

let source = null;
let tries = 0;
let retry = 0;

export function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource("/api/desk/events");
  source.onopen = recover;
  source.onerror = () => lost();
  source.addEventListener("queue", () => soon("queue"));
  source.addEventListener("presence", () => soon("queue"));
  source.addEventListener("viewers", (event) => keepViewers(parsed(event.data)));
  source.addEventListener("help", (event) => { if (!supervises()) helpNeeded(parsed(event.data)?.who ?? "Somebody"); });
  source.addEventListener("trouble", (event) => trouble(parsed(event.data)?.what ?? "Something is wrong with the server."));
  source.addEventListener("message", (event) => { if (concernsOpen(parsed(event.data))) soon("open"); });
}

/** Who looks at what: all of it when the line is new, then what changed. */
function keepViewers(told) {
  if (told === null) return;
  if (told.all) state.viewers.clear();
  for (const [id, people] of Object.entries(told.by_handoff ?? {})) state.viewers.set(id, people);
  changed();
}

/** For colleagues, who can look after somebody nearby; supervisors have the alarm, and whoever called knows. */
function helpNeeded(who) {
  if (!isMe(who)) trouble(`${who} needs help now. A supervisor is called.`);
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** The line is down: says so, stops the clocks, and tries again by itself. */
export function lost() {
  if (state.live !== "lost") {
    state.notLiveSince ??= serverNow();
    state.live = "lost";
    changed();
    say("Not live. Sending is off. Your draft is kept.");
  }
  source?.close();
  clearTimeout(retry);
  retry = setTimeout(connect, PAUSES[Math.min(tries++, PAUSES.length - 1)]);
}

async function recover() {
  const mine = source;
  const first = state.live === "joining";
  if (!first && state.live !== "catching") {
    state.live = "catching";
    changed();
  }
  try {
    await catchUp();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signedOut();
    if (mine === source) lost();
    return;
  }
  if (mine !== source || source.readyState !== EventSource.OPEN) return;
  tries = 0;
  state.live = "live";
  state.notLiveSince = null;
  changed();
  if (!first) say("Live again. Nothing was lost.");
}

const wanted = new Set();
let gathering = 0;

/** Reads the queue, and the open handoff too, shortly. A queue hint may be a new tier or holder of what is open. */
export function soon(what) {
  wanted.add(what);
  if (gathering) return; // hints that never pause must not put the reading off for ever
  gathering = setTimeout(async () => {
    gathering = 0;
    const readings = wanted.has("queue") ? [readQueue(), readOpen()] : [readOpen()];
    wanted.clear();
    await attempt(Promise.all(readings));
  }, GATHER);
}

/** A reading by hint or by the clock; one that fails means that what stands here may be old. */
async function attempt(reading) {
  try {
    await reading;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signedOut();
    else if (error instanceof Refused && error.status < 500) { trouble(error.message); return; }
    lost();
  }
}

export function startPolling() {
  setInterval(() => { if (state.live === "live") attempt(Promise.all([readQueue(), quietly()])); }, POLL);
  addEventListener("offline", () => lost());
  addEventListener("online", () => { tries = 0; connect(); });
}

/** Each reading of a transcript is in the audit; one that was opened for a reason is not read again by the clock. */
const quietly = () => (state.detail?.messages && !isMine(opened()) ? null : readOpen());

export function drawConnection() {
  document.body.dataset.live = state.live;
  show($("is-live"), state.live === "live");
  show($("is-joining"), state.live === "joining");
  show($("is-stale"), state.live === "lost" || state.live === "catching");
  if (state.notLiveSince !== null) setText($("stale-since"), exactTime(state.notLiveSince));
}
