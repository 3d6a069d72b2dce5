// Reads from the server into the state. An answer for a handoff that is no longer open is thrown away.

import { Refused, change, handoffPath, read, useToken } from "./api.js";
import { changed, isMine, opened, rowOf, state } from "./state.js";

/** Who I am; also renews the CSRF token, which a new sign-in changes. */
export async function readMe() {
  const me = await read("/api/desk/me");
  useToken(me.csrf);
  state.me = { name: me.name, roles: me.roles ?? [], languages: me.languages ?? [] };
  const presence = me.presence?.state ?? me.presence;
  if (presence) state.presence = presence;
  changed();
}

/** What does not change while the page is open: deadlines, and what there is to pick. */
export async function readSetup() {
  state.setup = await read("/api/desk/setup");
  changed();
}

let queueReading = 0;
let newestQueue = null; // the promise of the latest reading

/** Settles when the state is at least as new as this call: a reading that a later one overtook waits for that one. */
export const readQueue = () => (newestQueue = readingQueue());

async function readingQueue() {
  const mine = ++queueReading;
  const queue = await read("/api/desk/queue?folded=true");
  if (mine !== queueReading) return newestQueue; // a later reading is under way and knows more
  state.queue = queue;
  changed();
  return undefined;
}

let openReading = 0;
let newestOpen = null;

const AWAY = [401, 503]; // signed out, database away: that is about the whole desk

/**
 * Reads the open handoff again. One that is not there any more is shown as gone. One that cannot be read is shown as
 * that: it can still be accepted, and the rest of the desk goes on.
 */
export const readOpen = () => (newestOpen = readingOpen());

async function readingOpen() {
  const id = state.openId;
  if (id === null) return undefined;
  const mine = ++openReading;
  try {
    const detail = await read(handoffPath(id));
    if (id !== state.openId) return undefined;
    if (mine !== openReading) return newestOpen;
    const wasMine = isMine(opened());
    state.detail = detail;
    if (detail.state !== "waiting") state.wentBack = false;
    else if (wasMine) state.wentBack = true;
    state.gone = state.unread = false;
    if (detail.state === "waiting") state.lostTo = null;
  } catch (error) {
    if (!(error instanceof Refused) || AWAY.includes(error.status)) throw error;
    if (id !== state.openId) return undefined;
    if (mine !== openReading) return newestOpen;
    state.gone = [404, 410].includes(error.status);
    state.unread = !state.gone;
  }
  changed();
  return undefined;
}

let telling = Promise.resolve();

/** Colleagues see what is open here. One call after the other, so that the last one counts; one that fails costs nothing else. */
function tellLooking() {
  const id = state.openId;
  telling = telling.then(async () => {
    if (id === state.openId) await change("/api/desk/looking", { handoff: id === null ? null : Number(id) }).catch(() => {});
  });
}

/** Shows the handoff `id`: its row at once, its brief when it is read. */
export async function open(id) {
  if (String(id) !== String(state.openId)) {
    Object.assign(state, { openId: id, detail: null, gone: false, unread: false, lostTo: null, wentBack: false, form: null });
    history.replaceState(null, "", `#${id}`);
    tellLooking();
    changed();
  }
  await readOpen();
}

export function closeView() {
  Object.assign(state, { openId: null, detail: null, gone: false, unread: false, lostTo: null, wentBack: false, form: null });
  history.replaceState(null, "", location.pathname);
  tellLooking();
  changed();
}

/** Everything that may have been missed while the line was down. */
export async function catchUp() {
  await readMe();
  tellLooking();
  await Promise.all([readQueue(), readOpen()]);
}

/** Whether a hint is about the open handoff; one that does not say is about any. */
export function concernsOpen(hint) {
  if (state.openId === null) return false;
  const handoff = hint?.handoff ?? hint?.handoff_id;
  if (handoff !== undefined) return String(handoff) === String(state.openId);
  return hint?.conversation === undefined || hint.conversation === rowOf(state.openId)?.conversation;
}
