// What a screen reader says. Two regions that are always there and hold nothing but text: `voice` reads each new line of
// the chat once, in order; `state` tells of sending, of the connection and of the exit.

const STAYS = 6000; // ms; long enough to be read out, short enough not to be found again as a second transcript

const voice = document.getElementById("voice");
const state = document.getElementById("state");
let held = null;

/** Reads a line of the chat once. */
export function announce(line) {
  if (held) {
    held.push(line);
    return;
  }
  const said = document.createElement("p");
  said.textContent = line;
  voice.append(said);
  setTimeout(() => said.remove(), STAYS);
}

/** Tells what just happened; the same words again are not repeated. */
export function tell(line) {
  if (state.textContent !== line) state.textContent = line;
}

/** Keeps lines back while the page is covered: nobody's screen reader speaks to an empty room. */
export function hold(on) {
  if (on) {
    held ??= [];
    return;
  }
  const lines = held ?? [];
  held = null;
  lines.forEach(announce);
}
