// The alarm: an immediate handoff that nobody has taken is on the screen and sounds every five seconds until somebody has it.

import { calling, overloaded } from "./calls.js";
import { seconds } from "./clock.js";
import { $, drawOnce, icon, make, say, show } from "./dom.js";
import { showPane } from "./panes.js";
import { open } from "./reading.js";
import { isMe, isMine, nameOf, rows, state } from "./state.js";
import { telling } from "./trouble.js";
import { bySeriousness, cueWords } from "./words.js";

const EVERY = 5; // seconds
const BEEPS = [[0, 880], [0.22, 660], [0.44, 880]]; // [start, hertz]
const BEEP = 0.16; // seconds

let audio = null;
let ringing = null;
let known = null; // ids of rows that were seen, to tell a new one
let handed = null; // ids of rows that were given or offered to this person
let knownOverload = null; // id of the overload that was sounded
let soundOn = localStorage.getItem("desk-sound") !== "off";

let listener = () => {};

/** Whether this browser plays now; before the first press on a page it plays nothing. */
export const audible = () => audio?.state === "running";
export const onSound = (act) => { listener = act; };

function sounds() {
  if (audio === null) {
    audio = new AudioContext();
    audio.onstatechange = () => listener();
  }
  if (audio.state === "suspended") audio.resume().catch(() => {});
  return audio;
}

/** A buffer of `length` seconds with the beeps at its start. Looped, it goes on in the background, where timers are slowed. */
function buffer(beeps, length, loud) {
  const context = sounds();
  const made = context.createBuffer(1, Math.ceil(length * context.sampleRate), context.sampleRate);
  const samples = made.getChannelData(0);
  for (const [start, hertz] of beeps) {
    for (let at = 0; at < BEEP * context.sampleRate; at++) {
      const time = at / context.sampleRate;
      const edge = Math.min(1, time / 0.01, (BEEP - time) / 0.01); // without it each beep clicks
      samples[Math.floor(start * context.sampleRate) + at] = loud * edge * Math.sin(2 * Math.PI * hertz * time);
    }
  }
  return made;
}

function play(beeps, length, loud, loop = false) {
  try {
    const source = new AudioBufferSourceNode(sounds(), { buffer: buffer(beeps, length, loud), loop });
    source.connect(audio.destination);
    source.start();
    return source;
  } catch {
    return null; // no sound device: the still sign stands anyway
  }
}

/** The test tone of "Start shift": who does not hear it will not hear an alarm. */
export const tone = () => play(BEEPS, 0.7, 0.5);
const softly = () => { if (soundOn && state.presence === "on_shift") play([[0, 520]], 0.2, 0.25); };

export function drawAlarm() {
  const urgent = rows().filter((row) => row.tier === "immediate" && row.state === "waiting" && !row.set_aside_at);
  const waiting = rows().filter((row) => row.state === "waiting").length;
  document.title = `${urgent.length ? `${urgent.length} now · ` : ""}${waiting ? `(${waiting}) ` : ""}Desk`;
  document.body.classList.toggle("alarmed", urgent.length > 0);
  show($("alarm"), urgent.length > 0);
  drawOnce($("alarm"), urgent.map((row) => [row.id, row.reasons, row.waiting_since]), () => drawSign(urgent));
  const urged = urgent.length > 0 && state.presence === "on_shift" && !overloaded(); // in overload once for each, not always
  ring(urged || (calling() && state.presence !== "off"));
  greet();
}

function drawSign(urgent) {
  if (urgent.length === 0) return $("alarm").replaceChildren();
  const cue = [...(urgent[0].reasons ?? [])].map((reason) => reason?.cue ?? reason).sort(bySeriousness)[0];
  const button = make("button", { type: "button", class: "button" }, "Open it");
  button.onclick = async () => {
    showPane("brief");
    await telling("The brief did not open", () => open(urgent[0].id));
    $("brief").focus({ preventScroll: true });
  };
  const words = urgent.length === 1 ? "1 immediate, nobody has it" : `${urgent.length} immediate, nobody has them`;
  $("alarm").replaceChildren(icon("t-immediate", true), make("b", {}, words),
    make("span", { class: "unseen" }, cue ? cueWords(cue) : ""), make("time", { "data-since": seconds(urgent[0].waiting_since) ?? 0, "aria-hidden": "true" }), button);
}

function ring(wanted) {
  $("alarm").dataset.ringing = String(wanted);
  if (wanted && ringing === null) ringing = play(BEEPS, EVERY, 0.7, true);
  if (!wanted && ringing !== null) {
    ringing.stop();
    ringing = null;
  }
}

/** A chat that somebody passes on to this person alerts as a new message does, and is said. */
function greetHanded() {
  const mine = rows().filter((row) => isMe(row.offered_to) || isMine(row));
  const fresh = mine.filter((row) => handed !== null && !handed.has(row.id) && String(row.id) !== String(state.openId));
  if (fresh.length > 0) {
    softly();
    say(fresh.some((row) => isMine(row)) ? "A chat was passed on to you." : `${nameOf(fresh[0].claimed_by)} offers you a chat.`);
  }
  handed = new Set(mine.map((row) => row.id));
}

/** A soft tone for a new row; immediate ones have the alarm. */
function greet() {
  if (state.queue === null) return;
  greetHanded();
  const fresh = rows().filter((row) => row.state === "waiting" && known !== null && !known.has(row.id));
  const overload = overloaded();
  if (overload && overload.id !== knownOverload && state.presence === "on_shift") tone();
  knownOverload = overload?.id ?? null;
  if (overload && fresh.some((row) => row.tier === "immediate") && state.presence === "on_shift") tone();
  if (fresh.some((row) => row.tier !== "immediate")) softly();
  known = new Set(rows().map((row) => row.id));
}

function drawSound() {
  $("sound").setAttribute("aria-pressed", String(soundOn));
  $("sound").replaceChildren(icon(soundOn ? "i-sound" : "i-mute"), make("span", {}, soundOn ? "Sound on" : "Alarms only"));
}

export function startAlarm() {
  drawSound();
  $("sound").title = "Sounds for other chats. Immediate ones always sound on shift.";
  $("sound").onclick = () => {
    soundOn = !soundOn;
    localStorage.setItem("desk-sound", soundOn ? "on" : "off");
    drawSound();
    if (soundOn) tone();
  };
  // Browsers hold sound back until the first press on the page.
  for (const press of ["pointerdown", "keydown"]) addEventListener(press, () => sounds(), { once: true });
  document.addEventListener("desk:wrote", softly);
  document.addEventListener("visibilitychange", () => { if (audio) sounds(); });
}

