// The chat: time, line, words. It opens to whoever holds it; to others after a reason.

import { seconds, silentSince, timeOfDay } from "./clock.js";
import { $, drawOnce, icon, make, say, setText, show } from "./dom.js";
import { showPane } from "./panes.js";
import { hasLeft, isMe, isMine, isOpenState, nameOf, opened, state } from "./state.js";
import { awayWords } from "./queue.js";
import { bySeriousness, eventWords } from "./words.js";

const NEAR = 48; // pixels from the end that still count as reading the newest words

let seen = { id: null, seq: 0 };
let atEnd = true;

export function drawChat() {
  const handoff = opened();
  if (handoff === null) return;
  const readable = handoff.messages !== null;
  setText($("chat-title"), `Chat ${handoff.id}`); // the number that audit, holds and exports ask for
  setText($("chat-state"), chatState(handoff));
  show($("shut"), !readable && !state.gone);
  show($("log"), readable);
  if (readable) drawLog(handoff);
  else drawShut(handoff);
  if (!readable) show($("below"), false);
}

function chatState(handoff) {
  if (state.notLiveSince !== null) return `Shown as it was at ${timeOfDay(state.notLiveSince)}`;
  if (hasLeft(handoff)) return "They have left";
  if (silentSince(handoff) !== null) return `They went silent. No answer since ${timeOfDay(silentSince(handoff))}.`;
  if (isMine(handoff)) {
    if (handoff.state === "claimed") return "Yours. They see you with your first words.";
    return handoff.typing ? "You are live. They are typing…" : "You are live.";
  }
  if (isOpenState(handoff) && handoff.state !== "waiting") return `${handoff.claimedBy} has it.`;
  return handoff.state === "waiting" ? "Bot is answering meanwhile" : "";
}

function drawShut(handoff) {
  const holder = isOpenState(handoff) && handoff.state !== "waiting" ? handoff.claimedBy : "";
  setText($("shut-words"), !handoff.read ? "" : holder
    ? `Only ${holder} and a supervisor can read this. Need to? The supervisor sees your reason.`
    : "Their words open when you accept. Need to read first? The supervisor sees your reason.");
  drawFirstWord(handoff);
  show($("give-reason"), handoff.read && !state.unread && state.live === "live");
  drawOnce($("history"), [handoff.id, handoff.history], () => {
    $("history").replaceChildren(...handoff.history.map((event) => make("li", {},
      make("time", {}, timeOfDay(event.at)), make("p", {}, eventWords(event.kind, nameOf(event.staff ?? event.by))))));
  });
}

/** Who sent the first word, and for that person what was answered to it. */
function drawFirstWord(handoff) {
  const sent = handoff.firstWord;
  show($("first-word-sent"), Boolean(sent));
  drawOnce($("first-word-sent"), [handoff.id, sent], () => {
    if (!sent) return;
    const answers = sent.answers.map((message) => make("li", { class: "them" }, make("time", {}, timeOfDay(message.at)), make("b", {}, "Them"), make("p", { dir: "auto" }, message.text)));
    const who = isMe(sent.staff) ? "You sent the first word" : `${sent.staff} sent the first word`;
    const waits = isMe(sent.staff) && answers.length === 0 ? " No answer yet." : "";
    $("first-word-sent").replaceChildren(make("p", {}, make("b", {}, `${who} at ${timeOfDay(sent.at)}.`), waits), make("ol", { "aria-label": "Their answer" }, ...answers));
  });
}

function drawLog(handoff) {
  const log = $("log");
  const other = seen.id !== handoff.id;
  const drew = drawOnce(log, [handoff.id, handoff.messages, handoff.brief.reasons, handoff.awaySince], () => {
    const held = { now: false };
    const evidence = evidenceOf(handoff);
    $("lines").replaceChildren(...handoff.messages.map((message) => line(message, held, evidence)));
    if (hasLeft(handoff)) $("lines").append(make("li", { class: "join end" }, make("time", {}, timeOfDay(handoff.awaySince)), make("p", {}, `${awayWords(handoff.awayHow, handoff.awaySince)}.`)));
  });
  if (!drew) return;
  const last = handoff.messages.at(-1)?.seq ?? 0;
  if (other || atEnd) toEnd();
  else if (last > seen.seq) show($("below"), true);
  if (!other && last > seen.seq) announce(handoff.messages.filter((message) => message.seq > seen.seq));
  seen = { id: handoff.id, seq: last };
}

/** Sound and the screen reader say what came; the log itself stays quiet, and no focus moves. */
function announce(fresh) {
  const theirs = fresh.filter((message) => message.sender === "young_person");
  if (theirs.length === 0) return;
  say(`They wrote: ${theirs.map((message) => message.text).join(" ")}`);
  document.dispatchEvent(new CustomEvent("desk:wrote"));
}

function toEnd() {
  atEnd = true;
  $("log").scrollTop = $("log").scrollHeight;
  show($("below"), false);
}

/** Sequence numbers of messages that gave a reason, each with the quotes in it; the most serious reason's are flagged. */
function evidenceOf(handoff) {
  const reasons = [...(handoff.brief.reasons ?? [])].sort((left, right) => bySeriousness(left.cue, right.cue));
  const quotes = new Map();
  for (const reason of reasons) for (const seq of told(reason, handoff.messages)) quotes.set(seq, [...(quotes.get(seq) ?? []), reason.quote ?? ""]);
  return { quotes, flagged: new Set(reasons[0] ? told(reasons[0], handoff.messages) : []), tier: handoff.tier };
}

/** Where one message holds the whole quote, only that one told; else the words are spread over all that were read together. */
function told(reason, messages) {
  const seqs = reason.seqs ?? [];
  const holds = (message) => seqs.includes(message.seq) && reason.quote && contains(message.text, reason.quote);
  const alone = messages.filter(holds).map((message) => message.seq);
  return alone.length > 0 ? alone : seqs;
}

const contains = (text, words) => (text ?? "").toLowerCase().includes(words.toLowerCase());

const KINDS = { young_person: "them", bot: "bot", counsellor: "us", system: "join" };

function line(message, held, evidence) {
  const kind = KINDS[message.sender] ?? "bot";
  if (kind === "us") held.now = true;
  if (kind === "bot") held.now = false;
  const flagged = kind === "them" && evidence.flagged.has(message.seq);
  const item = make("li", { id: `m${message.seq}`, tabindex: "-1", class: `${kind}${held.now ? " held" : ""}${flagged ? " flag" : ""}` },
    make("time", { title: new Date(seconds(message.at) * 1000).toLocaleString() }, timeOfDay(message.at)));
  const speaker = { them: "Them", bot: "Bot", us: whoseWords(message) }[kind];
  if (speaker) item.append(make("b", {}, speaker));
  const words = make("p", { dir: "auto" });
  if (flagged) words.append(icon(`t-${evidence.tier}`, evidence.tier === "immediate"));
  words.append(...marked(message.text ?? "", kind === "them" ? evidence.quotes.get(message.seq) : null));
  const shown = (message.resources ?? []).map((service) => service.name);
  if (shown.length > 0) words.append(make("span", {}, `Showed ${shown.join(", ")}.`));
  item.append(words);
  return item;
}

function whoseWords(message) {
  const name = nameOf(message.staff ?? message.staff_name ?? message.name ?? message.by);
  if (name) return isMe(name) ? "You" : name;
  return isMine(opened()) ? "You" : "Person";
}

/** The text with the first quote that is found in it underlined; all of it when evidence spans several messages. */
function marked(text, quotes) {
  if (!quotes?.length) return [text];
  const quote = quotes.find((words) => words && contains(text, words));
  if (!quote) return [make("mark", {}, text)];
  const at = text.toLowerCase().indexOf(quote.toLowerCase());
  return [text.slice(0, at), make("mark", {}, text.slice(at, at + quote.length)), text.slice(at + quote.length)];
}

/** Goes to the message that told, and back with B. */
export function jumpTo(reason) {
  const messages = opened()?.messages;
  const target = reason && messages ? $(`m${told(reason, messages)[0]}`) : null;
  if (!target) return;
  showPane("chat");
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

export function jumpToQuote() {
  const reasons = [...(opened()?.brief.reasons ?? [])].sort((left, right) => bySeriousness(left.cue, right.cue));
  jumpTo(reasons[0]);
}

export function startTranscript() {
  $("to-end").onclick = toEnd;
  const log = $("log");
  log.addEventListener("scroll", () => {
    atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (atEnd) show($("below"), false);
  }, { passive: true });
  // The box below grows and shrinks; whoever reads the newest words keeps reading them.
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(log);
}
