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
export const calling = () => supervises() && alarms().some((alarm) => alarm.kind === "help" && !alarm.heard_at && !isMe(alarm.who));

/** The overload that stands, or null. */
export const overloaded = () => alarms().find((alarm) => alarm.kind === "overload") ?? null;

export function drawCalls() {
  const shown = alarms().filter((alarm) => !alarm.heard_at || alarm.kind === "overload" || (isMe(alarm.who) && serverNow() - seconds(alarm.heard_at) < SHOWN_FOR));
  show($("calls"), shown.length > 0);
  drawOnce($("calls"), [shown, state.me?.name], () => $("calls").replaceChildren(...shown.map(line)));
}

function line(alarm) {
  const { words, more } = (alarm.kind === "overload" ? overloadWords : helpWords)(alarm);
  const quiet = Boolean(alarm.heard_at);
  const item = make("p", { class: quiet ? "call quiet" : "call" }, icon("i-hand"), make("b", {}, words), make("span", {}, more));
  if (alarm.handoff !== null && !isMe(alarm.who)) item.append(press("Open the chat", () => watch(alarm.handoff)));
  if (supervises() && !quiet && !isMe(alarm.who)) item.append(press(alarm.kind === "overload" ? "I have seen it" : "I am coming", () => hear(alarm)));
  return item;
}

function helpWords(alarm) {
  if (!isMe(alarm.who)) return { words: `${alarm.who} needs help now.`, more: `Called at ${timeOfDay(alarm.at)}.` };
  if (alarm.heard_at) return { words: `${alarm.heard_by} has heard you and is coming.`, more: timeOfDay(alarm.heard_at) };
  return { words: "You called for help.", more: `Called at ${timeOfDay(alarm.at)}. Nobody has answered yet. If it takes long, phone the person on call.` };
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
    await change(`/api/desk/alarms/${alarm.id}/heard`);
    await readQueue();
  });
}
