// The emergency action record: opened in one press, kept as it is written, with the line that asks where they are.

import { act } from "./doing.js";
import { timeOfDay } from "./clock.js";
import { $, say, setText, show } from "./dom.js";
import { isMine, opened, state, supervises } from "./state.js";

const FIELDS = ["decided_by", "called", "called_at", "passed_on", "told", "outcome"];
const field = (name) => $(`emergency-${name.replace("_", "-")}`);

/** What was kept goes into the form; called when it opens. */
export function fillRecord() {
  const kept = opened().emergency ?? { decided_by: state.me?.name ?? "" };
  for (const name of FIELDS) field(name).value = kept[name] ?? "";
  setText($("emergency-problem"), "");
}

export function drawEmergency() {
  const handoff = opened();
  if (handoff === null) return;
  const kept = handoff.emergency;
  const unreached = kept?.outcome === "unreached";
  show($("ask-where"), isMine(handoff));
  show($("emergency-confirm"), unreached && !kept.confirmed_by && supervises());
  const needs = unreached ? (kept.confirmed_by ? `Confirmed by ${kept.confirmed_by}.` : "“Could not reach” needs a supervisor.") : "";
  setText($("emergency-opened"), kept ? `Opened by ${kept.opened_by} at ${timeOfDay(kept.opened_at)}. ${needs}` : "Opening the record…");
}

async function keep(event) {
  event.preventDefault();
  const written = Object.fromEntries(FIELDS.map((name) => [name, field(name).value.trim()]));
  if (await act("The record was not kept", "emergency", written)) say("The record is kept.");
}

export function startEmergency() {
  $("emergency-form").addEventListener("submit", keep);
  $("ask-where").onclick = async () => { if (await act("It was not sent", "ask-where")) say("They are asked where they are."); };
  $("emergency-confirm").onclick = async () => { if (await act("It was not confirmed", "emergency/confirm")) say("Confirmed."); };
}
