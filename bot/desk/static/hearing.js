// Whether alarms are heard at this desk. The page knows when the browser plays nothing; only the person knows of a muted
// device, and says so in one press. Supervisors see it on the board.

import { audible, onSound, tone } from "./alarm.js";
import { change } from "./api.js";
import { $, say, show } from "./dom.js";
import { changed, state } from "./state.js";

const SETTLES = 1500; // milliseconds until a browser that was allowed to play does so

let saysNo = false; // the person heard no test tone
let told = null; // what the server knows
let settled = false;

export const hears = () => audible() && !saysNo;

export function drawHearing() {
  const onShift = state.presence === "on_shift";
  const deaf = onShift && settled && !hears();
  show($("deaf"), deaf);
  show($("no-sound"), onShift && !deaf);
  show($("test-sound"), deaf);
  if (state.presence === "off" || state.live !== "live" || !settled || told === hears()) return;
  told = hears();
  change("/api/desk/hearing", { hears: told }).catch(() => { told = null; });
}

/** After "Start shift" has played its tone; a new shift is a new question. */
export function toneWasPlayed() {
  saysNo = settled = false;
  told = null;
  settle();
}

const settle = () => setTimeout(() => { settled = true; changed(); }, SETTLES);

export function startHearing() {
  $("no-sound").onclick = () => {
    saysNo = true;
    changed();
    say("Your supervisor sees that you hear no alarms. Watch the screen.");
    $("test-sound").focus();
  };
  $("test-sound").onclick = () => {
    saysNo = false;
    tone();
    changed();
    ($("no-sound").hidden ? $("test-sound") : $("no-sound")).focus();
  };
  onSound(changed);
  settle();
}
