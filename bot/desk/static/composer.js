// The reply box and the note box. Words are kept per handoff until the server has them; one id per message,
// whatever is tried again, so that a young person never gets the same words twice.

import { Refused, Unreachable, change, handoffPath, newId } from "./api.js";
import { timeOfDay } from "./clock.js";
import { $, drawOnce, make, say, setText, show } from "./dom.js";
import { showPane } from "./panes.js";
import { readOpen } from "./reading.js";
import { hasLeft, isMine, maySend, nameOf, opened, state } from "./state.js";
import { signedOut } from "./trouble.js";

const TYPING_EVERY = 4000; // milliseconds

const HELD_WORDS = { phone: "a number that is not in our directory", handle: "a name or an address on another service", link: "a link that is not in our directory", meeting: "a place or a way to meet" };

const drafts = new Map(); // handoff id → {reply, note, try: {id, text} | null, failed, held: pieces that it was held back for}
let shownFor = null; // "id:reply" or "id:note": whose words stand in the box
let sending = false;
let typedAt = 0;

function draftOf(id) {
  if (!drafts.has(String(id))) drafts.set(String(id), { reply: "", note: "", try: null, failed: "", held: null });
  return drafts.get(String(id));
}

const writingNote = () => $("to-note").checked;
const kind = () => (writingNote() ? "note" : "reply");

export function drawComposer() {
  const handoff = opened();
  if (handoff === null) return;
  const mine = isMine(handoff);
  const stale = state.live !== "live";
  show($("not-live"), stale && mine);
  const words = mine && hasLeft(handoff) ? "Nothing can be sent: they have left. You can write a note or set an outcome." : "";
  show($("cannot-send"), words !== "" && !stale);
  setText($("cannot-send"), words);
  show($("write"), mine); // the box stays while the line is down: half a word must not turn into key commands
  if (words !== "" && !writingNote()) $("to-note").checked = true;
  $("to-reply").disabled = words !== "";
  settle(handoff);
  drawReplies();
  drawNotes(handoff);
  drawBox(handoff);
}

function settle(handoff) {
  const draft = draftOf(handoff.id);
  // An answer may be lost on the way back: what stands in the transcript was sent, whatever the page saw.
  if (draft.try && !sending && handoff.messages?.some((message) => message.client_id === draft.try.id)) sent(draft, draft.try);
}

function drawBox(handoff) {
  const draft = draftOf(handoff.id);
  const showing = `${handoff.id}:${kind()}`;
  if (shownFor !== showing) {
    shownFor = showing;
    $("box").value = draft[kind()];
  }
  setText($("box-label"), writingNote() ? "Note, staff only" : "Reply to them");
  $("write").classList.toggle("for-staff", writingNote());
  setText($("send-word"), sending ? (writingNote() ? "Keeping…" : "Sending…") : writingNote() ? "Keep note" : draft.failed ? "Try again" : "Send");
  $("send").disabled = sending || (!writingNote() && !maySend(handoff));
  $("box").readOnly = sending;
  $("box").classList.toggle("failed", Boolean(draft.failed));
  drawHeld(draft);
  setText($("box-state"), draft.failed || (draft[kind()].trim() ? "Draft kept" : ""));
}

/** A message with a way out of this chat waits for one more press; a supervisor sees that it was written. */
function drawHeld(draft) {
  const held = writingNote() ? null : draft.held;
  show($("held-back"), Boolean(held));
  $("send-anyway").disabled = sending || !maySend(opened());
  drawOnce($("held-words"), held, () => {
    if (!held) return;
    const pieces = held.flatMap((piece, at) => [at > 0 ? "; " : "", `${HELD_WORDS[piece.kind] ?? "something to look at"}: `, make("q", { dir: "auto" }, piece.text)]);
    $("held-words").replaceChildren(make("b", {}, "Not sent yet."), " It has ", ...pieces, ". A supervisor sees this.");
  });
}

/** Prepared replies go into the box, after what stands there; nothing is sent by picking one. */
function drawReplies() {
  const replies = state.setup?.replies ?? [];
  show($("replies"), !writingNote() && replies.length > 0);
  drawOnce($("replies"), replies, () => {
    $("replies").replaceChildren(make("option", { value: "" }, "Prepared replies"),
      ...replies.map((reply) => make("option", { value: reply.id }, `${reply.key ? `${reply.key}  ` : ""}${reply.says}`)));
  });
}

function putReply(reply) {
  if (!reply || writingNote() || $("box").readOnly) return;
  const before = $("box").value.trimEnd();
  $("box").value = before ? `${before} ${reply.says}` : reply.says;
  typed();
  $("box").focus();
}

const replyBy = (name, value) => state.setup?.replies.find((reply) => reply[name] === value);

function drawNotes(handoff) {
  show($("notes"), (writingNote() || !isMine(handoff)) && handoff.notes.length > 0); // whoever only reads sees them, too
  drawOnce($("notes"), [handoff.id, handoff.notes], () => {
    $("notes").replaceChildren(...handoff.notes.map((note) => make("li", {},
      make("time", {}, timeOfDay(note.at)), make("b", {}, nameOf(note.staff ?? note.by ?? note.staff_name ?? note.name)), make("p", { dir: "auto" }, note.text))));
    $("notes").scrollTop = $("notes").scrollHeight;
  });
}

async function submit(event, confirmed = false) {
  event?.preventDefault();
  const handoff = opened();
  const text = $("box").value.trim();
  if (handoff === null || text === "" || sending) return;
  if (!writingNote() && !maySend(handoff)) return;
  sending = true;
  drawComposer();
  const draft = draftOf(handoff.id);
  draft.failed = "";
  try {
    if (writingNote()) await keepNote(handoff, draft, text);
    else await sendReply(handoff, draft, text, confirmed);
  } finally {
    sending = false;
    drawComposer();
    $("box").focus({ preventScroll: true });
  }
}

async function keepNote(handoff, draft, text) {
  try {
    await change(handoffPath(handoff.id, "notes"), { text });
    draft.note = "";
    empty(handoff.id, "note");
    await readOpen().catch(() => {});
  } catch (error) {
    draft.failed = failure(error, "Not kept");
  }
}

async function sendReply(handoff, draft, text, confirmed) {
  // The same words keep their id over every try; other words are another message.
  if (draft.try?.text !== text) draft.try = { id: newId(), text };
  const attempt = draft.try;
  try {
    await change(handoffPath(handoff.id, "messages"), { client_id: attempt.id, text, ...(confirmed ? { confirmed } : {}) });
    sent(draft, attempt, handoff.id);
    say("Sent.");
    await readOpen().catch(() => {});
  } catch (error) {
    draft.held = error instanceof Refused ? error.body.held ?? null : draft.held;
    if (draft.held) return say("Not sent yet. Look at it, then send it anyway or change it.");
    draft.failed = failure(error, "Not sent");
    if (error instanceof Refused && error.status === 409) await readOpen().catch(() => {});
  }
}

function sent(draft, attempt, id = state.openId) {
  if (draft.reply.trim() === attempt.text) {
    draft.reply = "";
    empty(id, "reply");
  }
  draft.try = draft.held = null;
  draft.failed = "";
}

function empty(id, which) {
  if (shownFor === `${id}:${which}`) $("box").value = "";
}

function failure(error, what) {
  if (error instanceof Unreachable) return `${what}. No answer came. Your words are kept here. Try again.`;
  if (!(error instanceof Refused)) throw error;
  if (error.status === 401) signedOut();
  return `${what}. ${error.message} Your words are kept here.`;
}

function typed() {
  const handoff = opened();
  if (handoff === null) return;
  const draft = draftOf(handoff.id);
  draft[kind()] = $("box").value;
  if (draft.held && draft.try?.text !== draft.reply.trim()) draft.held = null; // other words are looked at anew
  if (draft.failed && draft.try?.text !== $("box").value.trim()) draft.failed = "";
  drawBox(handoff);
  if (writingNote() || !maySend(handoff) || Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  change(handoffPath(handoff.id, "typing")).catch(() => {}); // a sign only: one that is lost costs nothing
}

/** Puts the focus in the box, for a reply or for a note. */
export function toBox(which) {
  if ($("write").hidden) return;
  $(`to-${which}`).checked = !$(`to-${which}`).disabled || $(`to-${which}`).checked;
  drawComposer();
  showPane("chat");
  $("box").focus();
}

export const hasDraft = () => [...drafts.values()].some((draft) => draft.reply.trim() || draft.note.trim());

export function startComposer() {
  $("write").addEventListener("submit", submit);
  $("send-anyway").onclick = () => submit(null, true);
  $("box").addEventListener("input", typed);
  for (const id of ["to-reply", "to-note"]) $(id).addEventListener("change", () => { drawComposer(); $("box").focus(); });
  $("box").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
    if (event.altKey && /^Digit\d$/.test(event.code)) {
      event.preventDefault();
      putReply(replyBy("key", event.code.slice(5)));
    }
    if (event.key === "Escape") $("chat").focus({ preventScroll: true });
  });
  $("replies").addEventListener("change", () => {
    putReply(replyBy("id", $("replies").value));
    $("replies").value = "";
  });
  addEventListener("beforeunload", (event) => { if (hasDraft()) event.preventDefault(); });
}
