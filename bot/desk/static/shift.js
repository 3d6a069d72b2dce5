// The shift: on, on a break, off; and the call for help, which works in every state.

import { change, remove, serverNow } from "./api.js";
import { tone } from "./alarm.js";
import { seconds, timeOfDay } from "./clock.js";
import { $, say, setText, show } from "./dom.js";
import { hears, toneWasPlayed } from "./hearing.js";
import { readQueue } from "./reading.js";
import { changed, state, supervises } from "./state.js";
import { noTrouble, telling, trouble } from "./trouble.js";

const SHIFT_WORDS = { off: "You are not on shift. Alarms do not sound here.", on_break: "On a break. Alarms do not sound here.", on_shift: "On shift." };

/** On a break a supervisor still hears who calls them. */
const wordsFor = (presence) => (presence === "on_break" && supervises() ? "On a break. Only calls for help and late chats sound." : SHIFT_WORDS[presence] ?? presence);

export function drawShift() {
  const { presence } = state;
  setText($("shift-words"), wordsFor(presence));
  $("shift").dataset.presence = presence;
  show($("shift-start"), presence !== "on_shift");
  $("shift-start").textContent = presence === "on_break" ? "Back on shift" : "Start shift";
  show($("shift-break"), presence === "on_shift");
  show($("shift-end"), presence !== "off");
  show($("shift-out"), presence === "off");
  const heard = presence === "on_shift" && hears();
  setText($("empty-words"), heard ? "No one is waiting. You will see and hear the next chat." : "No one is waiting. You will see the next chat.");
  setText($("queue-empty-words"), heard ? "A new chat shows here and sounds." : "A new chat shows here.");
  drawRest();
  for (const id of ["shift-start", "shift-break", "shift-end"]) $(id).disabled = state.live !== "live";
}

/** After an immediate chat: a break is offered, and nothing new is given for a while. */
function drawRest() {
  const until = seconds(state.queue?.rest_until);
  const rests = until !== null && serverNow() < until && state.presence === "on_shift";
  show($("rest"), rests);
  if (rests) setText($("rest-words"), `That was an immediate chat. Next gives you nothing until ${timeOfDay(until)}.`);
}

async function ready() {
  await telling("It did not change", async () => {
    await change("/api/desk/ready");
    await readQueue();
  });
}

export async function setPresence(presence) {
  if (state.live !== "live") return;
  if (presence === "on_shift") { // in the press itself: browsers allow sound only then
    tone();
    toneWasPlayed();
  }
  await telling("The shift did not change", async () => {
    await change("/api/desk/presence", { state: presence });
    state.presence = presence;
    changed();
    say(wordsFor(presence));
  });
}

async function signOut() {
  await telling("You are not signed out", async () => {
    await remove("/api/desk/session");
    location.replace("/desk");
  });
}

/** One press calls a supervisor; when that cannot be done, the page says so and what to do. */
export async function needHelp() {
  $("help").disabled = true;
  try {
    const open = Number(state.openId);
    await change("/api/desk/help", Number.isInteger(open) && state.openId !== null ? { handoff: open } : {});
    noTrouble();
    say("A supervisor was called.");
    readQueue().catch(() => {});
  } catch {
    trouble("No supervisor could be reached from this page. Phone the person on call now.");
  } finally {
    $("help").disabled = false;
  }
}

export function startShift() {
  $("help").onclick = needHelp;
  $("shift-start").onclick = () => setPresence("on_shift");
  $("shift-break").onclick = () => setPresence("on_break");
  $("empty-break").onclick = () => setPresence("on_break");
  $("shift-end").onclick = () => setPresence("off");
  $("rest-ready").onclick = ready;
  $("rest-break").onclick = () => setPresence("on_break");
  $("shift-out").onclick = signOut;
}
