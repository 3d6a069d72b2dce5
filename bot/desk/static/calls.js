// Alarms that stand until a supervisor has heard them, as lines under the bar: who needs help, and in which chat.

import { change, serverNow } from "./api.js";
import { seconds, timeOfDay } from "./clock.js";
import { $, drawOnce, icon, make, show } from "./dom.js";
import { showPane } from "./panes.js";
import { open, readQueue } from "./reading.js";
import { isMe, state, supervises } from "./state.js";
import { telling } from "./trouble.js";

const SHOWN_FOR = 120; // seconds that "heard" stays in view

const alarms = () => state.queue?.alarms ?? [];

/** Whether an alarm rings here: this person could answer it, and nobody has. */
export const calling = () => supervises() && alarms().some((alarm) => ["help", "late"].includes(alarm.kind) && !alarm.heard_at && !isMe(alarm.who));

/** The overload that stands, or null. */
export const overloaded = () => alarms().find((alarm) => alarm.kind === "overload") ?? null;

export function drawCalls() {
  const shown = together(alarms()).filter((alarm) => !alarm.heard_at || alarm.kind === "overload" || (isMe(alarm.who) && serverNow() - seconds(alarm.heard_at) < SHOWN_FOR));
  show($("calls"), shown.length > 0);
  drawOnce($("calls"), [shown, state.me?.name], () => $("calls").replaceChildren(...shown.map(line)));
}

const WORDS = { help: helpWords, late: lateWords, overload: overloadWords };

/** All that wait past their limits are one line. */
function together(all) {
  const late = all.filter((alarm) => alarm.kind === "late" && !alarm.heard_at);
  const others = all.filter((alarm) => alarm.kind !== "late");
  return late.length === 0 ? others : [...others, { ...late[0], ids: late.map((alarm) => alarm.id) }];
}

function line(alarm) {
  const { words, more } = WORDS[alarm.kind](alarm);
  const quiet = Boolean(alarm.heard_at);
  const item = make("p", { class: quiet ? "call quiet" : "call" }, icon("i-hand"), make("b", {}, words), make("span", {}, more));
  if (alarm.handoff !== null && !isMe(alarm.who)) item.append(press("Open the chat", () => watch(alarm.handoff)));
  if (supervises() && !quiet && !isMe(alarm.who)) item.append(press(alarm.kind === "help" ? "I am coming" : "I have seen it", () => hear(alarm)));
  return item;
}

function helpWords(alarm) {
  if (!isMe(alarm.who)) return { words: `${alarm.who} needs help now.`, more: `Called at ${timeOfDay(alarm.at)}.` };
  if (alarm.heard_at) return { words: `${alarm.heard_by} has heard you and is coming.`, more: timeOfDay(alarm.heard_at) };
  return { words: "You called for help.", more: `Called at ${timeOfDay(alarm.at)}. Nobody has answered yet. If it takes long, phone the person on call.` };
}

function lateWords({ ids }) {
  const words = ids.length === 1 ? "1 chat waits past its limit." : `${ids.length} chats wait past their limits.`;
  return { words, more: "Nobody has taken it yet. Can you?" };
}

function overloadWords(alarm) {
  const heard = alarm.heard_by ? ` ${alarm.heard_by} has seen it.` : "";
  return { words: `Overload since ${timeOfDay(alarm.at)}.`, more: `More people wait than we can answer in time. They are told so.${heard}` };
}

function press(words, does) {
  const button = make("button", { type: "button", class: "button" }, words);
  button.onclick = does;
  return button;
}

async function watch(id) {
  showPane("brief");
  await telling("The brief did not open", () => open(id));
  $("brief").focus({ preventScroll: true });
}

async function hear(alarm) {
  await telling("It was not noted", async () => {
    for (const id of alarm.ids ?? [alarm.id]) await change(`/api/desk/alarms/${id}/heard`);
    await readQueue();
  });
}
