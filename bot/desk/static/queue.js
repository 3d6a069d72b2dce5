// The queue: who is next. The server gives the order (tier, then longest wait); the page never sorts.

import { Refused, change } from "./api.js";
import { seconds, timeOfDay } from "./clock.js";
import { toBox } from "./composer.js";
import { $, drawOnce, icon, make, setText, show } from "./dom.js";
import { showPane } from "./panes.js";
import { open, readQueue } from "./reading.js";
import { changed, isMe, isMine, lookers, nameOf, opened, rows, serves, state, supervises } from "./state.js";
import { tierMark } from "./tiers.js";
import { noTrouble, telling, trouble } from "./trouble.js";
import { ASSESSED_WORDS, TIERS, bySeriousness, cueWords, languageWords } from "./words.js";

const heldByOther = (row) => ["claimed", "live"].includes(row.state) && !isMe(row.claimed_by) && !isMe(row.offered_to);

export function drawQueue() {
  const list = rows();
  const loading = state.queue === null;
  show($("queue-loading"), loading);
  show($("queue-empty"), !loading && list.length === 0);
  drawRows($("waiting"), list.filter((row) => !heldByOther(row) && !row.set_aside_at));
  drawRows($("held"), list.filter(heldByOther));
  show($("held-title"), list.some(heldByOther));
  drawRows($("aside-rows"), list.filter((row) => row.set_aside_at));
  show($("aside-title"), list.some((row) => row.set_aside_at));
  drawCounts(list, loading);
  $("next").disabled = state.live !== "live" || waitingCount(list) === 0;
}

const waitingCount = (list) => {
  const told = state.queue?.counts?.waiting;
  return typeof told === "number" ? told : list.filter((row) => row.state === "waiting").length;
};

function drawCounts(list, loading) {
  const waiting = waitingCount(list);
  const missed = state.queue?.counts?.abandoned;
  show($("counts"), !loading);
  drawOnce($("counts"), [waiting, missed], () => {
    const parts = [make("b", {}, String(waiting)), " waiting "];
    if (missed) parts.push(make("span", {}, make("b", {}, String(missed)), " left before we came"));
    $("counts").replaceChildren(...parts);
  });
  const shown = list.filter((row) => row.state === "waiting").reduce((sum, row) => sum + (row.fold?.count ?? 1), 0);
  show($("more"), waiting > shown);
  setText($("more"), `And ${waiting - shown} more. They show here as these are taken.`);
}

/** Rows are kept per handoff, so that focus stays on a row that moves. */
function drawRows(place, list) {
  const focused = document.activeElement?.closest?.(".row")?.dataset.id;
  const kept = new Map([...place.children].map((item) => [item.dataset.id, item]));
  const items = list.map((row) => {
    const item = kept.get(String(row.id)) ?? make("li", { "data-id": row.id });
    drawRow(item, row);
    return item;
  });
  const same = items.length === place.children.length && items.every((item, at) => place.children[at] === item);
  if (same) return;
  place.replaceChildren(...items);
  if (focused && place.contains(rowButton(focused))) rowButton(focused).focus({ preventScroll: true });
}

const rowButton = (id) => document.querySelector(`.row[data-id="${CSS.escape(id)}"] > button`);

function drawRow(item, row) {
  const current = String(row.id) === String(state.openId);
  const within = row.fold?.members.find((member) => String(member.id) === String(state.openId));
  drawOnce(item, [row, current, state.me, lookers(row.id), unfolded.has(row.id), within?.id], () => {
    const tier = TIERS.includes(row.tier) ? row.tier : "none";
    item.className = `row ${tier}${row.away_since ? " left" : ""}`;
    const assessed = ASSESSED_WORDS[row.assessed];
    const button = item.querySelector(":scope > button") ?? make("button", { type: "button" });
    button.replaceChildren(
      make("span", { class: "marks" }, tierMark(tier), assessed ? make("span", { class: "doubt" }, assessed) : null),
      rowClock(row),
      make("b", {}, rowReason(row)),
      make("small", {}, row.away_since ? icon("i-gone") : null, rowNote(row)),
    );
    button.onclick = () => choose(row.id);
    if (current) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
    if (!button.isConnected) item.append(button);
    item.querySelector(".fold")?.remove();
    if (row.fold) item.append(fold(row));
  });
}

const unfolded = new Set(); // ids of folded rows that are open

/** Near-identical openings: one row, one alarm, a count; each of them can be opened and is served by itself. */
function fold(row) {
  const shown = unfolded.has(row.id);
  const toggle = make("button", { type: "button", class: "chip", "aria-expanded": String(shown) }, `${row.fold.count} alike`);
  toggle.onclick = () => { if (!unfolded.delete(row.id)) unfolded.add(row.id); changed(); };
  const box = make("div", { class: "fold" }, toggle);
  if (supervises()) {
    const aside = make("button", { type: "button", class: "chip" }, `Set all ${row.fold.count} aside`);
    aside.onclick = () => askAside(row);
    box.append(aside);
  }
  if (shown) box.append(make("ol", { "aria-label": "Alike" }, ...row.fold.members.map(memberRow)));
  const hidden = row.fold.count - 1 - row.fold.members.length;
  if (shown && hidden > 0) box.append(make("p", { class: "soft" }, `And ${hidden} more like these.`));
  return box;
}

function memberRow(member) {
  const current = String(member.id) === String(state.openId);
  const button = make("button", { type: "button", class: "member", "aria-current": current ? "true" : false }, make("time", { "data-since": seconds(member.waiting_since) ?? 0 }), ` ${rowReason(member)} · ${rowNote(member)}`);
  button.onclick = () => choose(member.id);
  return make("li", {}, button);
}

/** The form stands in the brief of the first of them, so that its words are read before. */
async function askAside(row) {
  state.asideIds = row.fold.ids.slice(0, 200);
  await choose(row.id);
  document.dispatchEvent(new CustomEvent("desk:aside"));
}

function rowClock(row) {
  if (isMe(row.claimed_by) && row.state !== "waiting") return make("span", { class: "clock" }, "you");
  const limit = row.state === "waiting" ? state.setup?.limits.claim[row.tier] : undefined;
  return make("time", { "data-since": seconds(row.waiting_since) ?? seconds(row.opened_at) ?? 0, "data-limit": limit });
}

function rowReason(row) {
  const cues = (row.reasons ?? []).map((reason) => reason?.cue ?? reason).sort(bySeriousness);
  if (cues.length === 0) return row.assessed === "none" ? "Not assessed: please read" : "Opened without a cue";
  return cueWords(cues[0]) + (cues.length > 1 ? ` +${cues.length - 1}` : "");
}

function rowNote(row) {
  const parts = [languageWords(row.locale) + (serves(row.locale) ? "" : ", not your language")];
  if (row.away_since) parts.unshift(awayWords(row.away_how, row.away_since));
  if (row.offered_to) parts.push(isMe(row.offered_to) ? "offered to you" : `offered to ${row.offered_to}`);
  if (row.state === "claimed") parts.push(isMe(row.claimed_by) ? "yours, write first" : `${nameOf(row.claimed_by)} has it`);
  if (row.state === "live") parts.push(isMe(row.claimed_by) ? "live with you" : `live with ${nameOf(row.claimed_by)}`);
  if (row.state === "waiting") parts.push(...lookers(row.id).map((one) => `${one.name} looks at it`));
  return parts.filter(Boolean).join(" · ");
}

/** "Left by quick exit 21:14". */
export function awayWords(how, since) {
  const left = { end: "Ended the chat", hidden: "Page hidden since" }[how] ?? "Left by quick exit";
  return `${left} ${timeOfDay(since)}`;
}

async function choose(id) {
  showPane("brief");
  await telling("The brief did not open", () => open(id));
}

/** The most urgent chat that I can serve, as the server sees it. */
export async function next() {
  if ($("next").disabled) return;
  await telling("Next did not work", async () => {
    let answer = null;
    try {
      answer = await change("/api/desk/next");
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
    }
    await readQueue();
    const id = answer?.id ?? answer?.handoff?.id ?? answer?.handoff ?? null;
    if (id === null) {
      trouble("Nothing to take: nobody waits whose language you serve, or you hold as many chats as you can. You can pick a row by hand, or close a chat.");
      return;
    }
    noTrouble();
    showPane("brief");
    await open(id);
    if (isMine(opened())) toBox("reply");
    else $("brief").focus({ preventScroll: true });
  });
}

/** Moves the focus by `step` rows. */
export function walk(step) {
  const buttons = [...document.querySelectorAll(".row > button, .row .member")];
  if (buttons.length === 0) return;
  const focused = buttons.indexOf(document.activeElement);
  const from = focused >= 0 ? focused : buttons.findIndex((button) => button.closest("[aria-current]")) - (step > 0 ? 0 : -1);
  const to = focused < 0 && from < 0 ? 0 : Math.min(buttons.length - 1, Math.max(0, from + step));
  showPane("queue");
  buttons[to].focus();
}
