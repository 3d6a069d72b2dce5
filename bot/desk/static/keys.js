// Keys. Single letters work outside fields only, and can be turned off.

import { $, make } from "./dom.js";
import { accept, firstWord, raise, takeOver, toBot } from "./acts.js";
import { toBoard } from "./board.js";
import { toBox } from "./composer.js";
import { dismissForm, openForm } from "./forms.js";
import { goTo, nextArea, showPane } from "./panes.js";
import { next, walk } from "./queue.js";
import { needHelp, setPresence } from "./shift.js";
import { state } from "./state.js";
import { nightOrDay } from "./theme.js";
import { jumpToQuote } from "./transcript.js";

const TWICE = 1000; // milliseconds between the two presses of H
const STILL_TYPING = 1500; // milliseconds; when a box goes away under the hands, the rest of the word is no command

let typedAt = -STILL_TYPING;

const KEYS = {
  n: ["N", "next: the most urgent chat", next],
  a: ["A", "accept the open brief", accept],
  j: ["J", "down the queue", () => walk(1)],
  k: ["K", "up the queue", () => walk(-1)],
  r: ["R", "to the reply box", () => toBox("reply")],
  m: ["M", "to the note box, staff only", () => toBox("note")],
  q: ["Q", "to the quoted message", jumpToQuote],
  b: ["B", "to the brief", () => goTo("brief")],
  t: ["T", "raise the tier", raise],
  "shift+t": ["Shift T", "lower the tier", () => openForm("lower")],
  f: ["F", "first word to an immediate that waits", firstWord],
  x: ["X", "pass the chat on to a colleague", () => openForm("transfer")],
  o: ["O", "take over a chat that somebody has (supervisors)", takeOver],
  v: ["V", "to the board (supervisors)", toBoard],
  e: ["E", "emergency record, or the numbers", () => { if (!$("emergency").hidden) return openForm("emergency"); showPane("brief"); return $("numbers").focus(); }],
  w: ["W", "close, with outcome", () => openForm("close")],
  g: ["G", "give back to the bot", toBot],
  h: ["H H", "I need help now", twice(needHelp)],
  p: ["P", "take a break, or come back", () => setPresence(state.presence === "on_shift" ? "on_break" : "on_shift")],
  d: ["D", "night or day colours", nightOrDay],
  "?": ["?", "this list", () => showKeys(!$("keys").open)],
};
const ALSO = [["Enter", "open the chosen row"], ["Ctrl Enter", "send"], ["Alt 1 to 6", "a prepared reply into the box"], ["Esc", "out of the box, draft kept"], ["F6", "next area: bar, queue, brief, chat"]];

function twice(act) {
  let before = 0;
  return () => {
    const now = performance.now();
    if (now - before < TWICE) act();
    before = now;
  };
}

export function showKeys(shown) {
  if (shown) $("keys").show();
  else $("keys").close();
  $("show-keys").setAttribute("aria-expanded", String(shown));
  if (shown) $("keys-close").focus();
}

const inField = (target) => target.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");

function pressed(event) {
  if (event.key === "F6") {
    event.preventDefault();
    return nextArea(event.shiftKey ? -1 : 1);
  }
  if (event.key === "Escape") {
    typedAt = -STILL_TYPING;
    if ($("keys").open) return showKeys(false);
    dismissForm();
    return undefined;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || (event.repeat && !"jk".includes(event.key))) return undefined;
  if (!$("keys-on").checked || inField(event.target) || state.queue === null) return undefined;
  if (performance.now() - typedAt < STILL_TYPING) return undefined;
  const letter = event.key.toLowerCase();
  const found = KEYS[event.shiftKey && letter !== "?" ? `shift+${letter}` : letter];
  if (!found) return undefined;
  event.preventDefault();
  return found[2]();
}

export function startKeys() {
  const lines = [...Object.values(KEYS).map(([sign, does]) => [sign, does]), ...ALSO];
  $("keys-list").append(...lines.map(([sign, does]) => make("div", {}, make("dt", {}, make("kbd", {}, sign)), make("dd", {}, does))));
  $("keys-on").checked = localStorage.getItem("desk-keys") !== "off";
  $("keys-on").onchange = () => localStorage.setItem("desk-keys", $("keys-on").checked ? "on" : "off");
  $("show-keys").onclick = () => showKeys(!$("keys").open);
  $("keys-close").onclick = () => { showKeys(false); $("show-keys").focus(); };
  addEventListener("keydown", pressed);
  addEventListener("input", (event) => { if (inField(event.target)) typedAt = performance.now(); });
}
