// The supervisor's board, where the brief and the chat would be: tiers against their deadlines, people and their load,
// and what wants a look. It is read again with each change of the queue.

import { change, read } from "./api.js";
import { seconds, timeOfDay } from "./clock.js";
import { $, drawOnce, make, show } from "./dom.js";
import { showPane } from "./panes.js";
import { closeView, open } from "./reading.js";
import { state, supervises } from "./state.js";
import { tierMark } from "./tiers.js";
import { telling } from "./trouble.js";
import { TIER_WORDS, cueWords, eventWords, languageWords } from "./words.js";

const ROLE_STATES = { on_shift: "on shift", on_break: "on a break", off: "off" };
const VERDICTS = { missed: "Missed", false_alarm: "False alarm", lowered: "Tier lowered", raised: "Tier raised" };
const WATCHED = 12; // lines of what wants a look

let board = null;
let events = [];
let corrected = null; // the week's corrections, once they were asked for
let readFor = null;

const shown = () => supervises() && state.openId === null && state.queue !== null;

export function drawBoard() {
  show($("to-board"), supervises());
  show($("board"), shown());
  $("to-board").setAttribute("aria-pressed", String(shown()));
  if (!shown()) return;
  if (readFor !== state.queue) {
    readFor = state.queue;
    readBoard();
  }
  paint();
}

/** A reading that fails leaves what stood there; the line's own state says whether it is live. */
async function readBoard() {
  try {
    const [tiers, watched] = await Promise.all([read("/api/desk/board"), read("/api/desk/watch")]);
    board = tiers;
    events = watched.events;
    paint();
  } catch {
    readFor = null;
  }
}

function paint() {
  if (board === null) return;
  drawOnce($("board-tiers"), board.tiers, () => $("board-tiers").replaceChildren(...board.tiers.map(tierRow)));
  drawPeople();
  drawOnce($("board-watch"), events.slice(0, WATCHED), () => $("board-watch").replaceChildren(...(events.length ? events.slice(0, WATCHED).map(watchLine) : [make("li", { class: "soft" }, "Nothing in the last day.")])));
  show($("corrections"), corrected !== null);
}

const cell = (...words) => make("td", {}, ...words);
const emptyRow = (columns, words) => make("tr", {}, make("td", { colspan: columns, class: "soft" }, words));

function tierRow(row) {
  const oldest = row.oldest_since ? make("time", { "data-since": seconds(row.oldest_since), "data-limit": row.limit }) : "none";
  const left = Object.entries(row.abandoned).map(([locale, count]) => `${count} ${languageWords(locale)}`).join(", ");
  return make("tr", {}, make("th", { scope: "row" }, tierMark(row.tier)), cell(String(row.waiting)), cell(oldest),
    cell(minutes(row.limit)), cell(row.late ? make("b", { class: "late" }, `${row.late} late`) : "0"), cell(String(row.with_person)),
    cell(row.set_aside ? String(row.set_aside) : "0"), cell(left || "0"));
}

const minutes = (limit) => (limit < 120 ? `${limit} s` : `${Math.round(limit / 60)} min`);

/** A row is built anew only when its own person changed, so that a list that is open in it stays open. */
function drawPeople() {
  const place = $("board-people");
  const kept = new Map([...place.querySelectorAll("tr[data-name]")].map((row) => [row.dataset.name, row]));
  const rows = board.people.map((person) => {
    const row = kept.get(person.name) ?? make("tr", { "data-name": person.name });
    drawOnce(row, [person, looksAtIds(person)], () => row.replaceChildren(...personCells(person)));
    return row;
  });
  const shown = rows.length ? rows : [emptyRow(5, "Nobody is on shift.")];
  if (rows.length !== place.children.length || rows.some((row, at) => row !== place.children[at])) place.replaceChildren(...shown);
}

/** How many chats they may hold at once: a supervisor sets it. */
function capacityOf(person) {
  if (!state.me.roles.includes("supervisor")) return `${person.chats.length} of ${person.capacity}`;
  const list = make("select", { "aria-label": `Chats at once for ${person.name}` }, ...[1, 2, 3].map((most) => make("option", { value: most, selected: most === person.capacity }, String(most))));
  list.onchange = () => telling("It did not change", () => change("/api/desk/capacity", { name: person.name, capacity: Number(list.value) }));
  return make("label", { class: "capacity" }, `${person.chats.length} of `, list);
}

function personCells(person) {
  const chats = person.chats.map((chat) => {
    const button = make("button", { type: "button", class: "chip" }, `${TIER_WORDS[chat.tier]}, ${chat.state}`);
    if (chat.unanswered_since) button.append(" · unanswered ", make("time", { "data-since": seconds(chat.unanswered_since) }));
    button.onclick = () => look(chat.handoff);
    button.setAttribute("aria-label", `Watch ${person.name}'s chat, ${TIER_WORDS[chat.tier]}, ${chat.state}`);
    return button;
  });
  const there = [ROLE_STATES[person.state], person.line ? "" : "no line", person.hears ? "" : "hears no alarms"].filter(Boolean).join(", ");
  const rest = person.rest_until ? `, rests until ${timeOfDay(person.rest_until)}` : "";
  return [make("th", { scope: "row" }, person.name, make("small", {}, ` ${person.role}${spoken(person)}`)),
    make("td", { class: person.line && person.hears ? false : "late" }, there + rest), cell(capacityOf(person)),
    cell(...spaced([...chats, ...looksAt(person)])), cell(String(person.exposure))];
}

const spaced = (parts) => (parts.length ? parts.flatMap((part) => [part, " "]) : ["none"]);

/** English alone is what everybody serves, and is not said. */
const spoken = (person) => (person.languages.join() === "en" ? "" : `, ${person.languages.map(languageWords).join(", ")}`);

/** What they have open without having it: pressed, it opens here. */
function looksAtIds(person) {
  const mine = person.chats.map((chat) => String(chat.handoff));
  return [...state.viewers].filter(([id, people]) => !mine.includes(id) && people.some((one) => one.name === person.name)).map(([id]) => id);
}

function looksAt(person) {
  return looksAtIds(person).map((id) => {
    const button = make("button", { type: "button", class: "chip" }, `looks at chat ${id}`);
    button.onclick = () => look(id);
    return button;
  });
}

function watchLine(event) {
  const pieces = (event.detail?.pieces ?? []).map((piece) => piece.text).join("; ");
  const why = event.detail?.reason || pieces;
  const button = make("button", { type: "button", class: "button plain" }, "Open", make("span", { class: "unseen" }, ` chat ${event.handoff}`));
  button.onclick = () => look(event.handoff);
  return make("li", {}, make("time", {}, timeOfDay(event.at)), tierMark(event.tier),
    make("p", {}, `${eventWords(event.kind, event.staff ?? "")}.`, why ? make("q", { dir: "auto" }, why) : null), button);
}

async function look(id) {
  showPane("brief");
  await telling("The brief did not open", () => open(id));
  $("brief").focus({ preventScroll: true });
}

async function readCorrections() {
  await telling("The list cannot be read", async () => {
    ({ corrections: corrected } = await read("/api/desk/corrections"));
    $("corrections").replaceChildren(...(corrected.length ? corrected.map(correctionLine) : [make("li", { class: "soft" }, "Nothing this week.")]));
    show($("corrections"), true);
    $("corrections").focus({ preventScroll: true });
  });
}

function correctionLine(one) {
  const day = new Intl.DateTimeFormat("en-GB", { weekday: "short" }).format(new Date(seconds(one.at) * 1000));
  return make("li", {}, make("time", {}, `${day} ${timeOfDay(one.at)}`), tierMark(one.tier),
    make("p", {}, make("b", {}, VERDICTS[one.verdict] ?? one.verdict), `: ${one.cues.map(cueWords).join(", ") || "no cue"}. ${one.staff ?? ""} `, one.why ? make("q", { dir: "auto" }, one.why) : null));
}

/** Back from a chat to the board; the chat stays as it is. */
export function toBoard() {
  if (!supervises()) return;
  closeView();
  showPane("brief");
  $("board").focus({ preventScroll: true });
}

export function startBoard() {
  $("to-board").onclick = toBoard;
  $("show-corrections").onclick = readCorrections;
}

export const isListed = (id) => rowOf(id) !== null;
