// A supervisor's words to whoever has the chat: written below a chat that is watched, shown above the holder's box.

import { timeOfDay } from "./clock.js";
import { $, drawOnce, make, say, setText, show } from "./dom.js";
import { act } from "./doing.js";
import { isMine, nameOf, opened, state, supervises } from "./state.js";

const said = new Map(); // handoff id → how many whispers were announced

export function drawWhispers() {
  const handoff = opened();
  if (handoff === null) return;
  const held = ["claimed", "live"].includes(handoff.state);
  const watching = supervises() && held && !isMine(handoff) && handoff.messages !== null;
  show($("whisper"), watching);
  $("whisper-send").disabled = state.live !== "live";
  if (watching) setText($("whisper-label"), `Whisper to ${handoff.claimedBy}. Only staff see it.`);
  const heard = isMine(handoff) ? handoff.notes.filter((note) => note.whisper) : [];
  show($("whispers"), heard.length > 0);
  drawOnce($("whispers"), [handoff.id, heard], () => {
    $("whispers").replaceChildren(...heard.slice(-2).map((note) => make("p", {}, make("b", {}, `${nameOf(note.staff)} whispers`), make("time", {}, timeOfDay(note.at)), make("span", { dir: "auto" }, note.text))));
  });
  const before = said.get(handoff.id) ?? 0;
  if (heard.length > before && said.has(handoff.id)) say(`${nameOf(heard.at(-1).staff)} whispers: ${heard.at(-1).text}`);
  said.set(handoff.id, heard.length);
}

async function whisper(event) {
  event.preventDefault();
  const text = $("whisper-box").value.trim();
  if (text === "") return $("whisper-box").focus();
  if (await act("It was not whispered", "whisper", { text })) $("whisper-box").value = "";
  return $("whisper-box").focus();
}

export function startWhispers() {
  $("whisper").addEventListener("submit", whisper);
  $("whisper-box").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) whisper(event);
  });
}
