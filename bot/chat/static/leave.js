// Leaving. One press, no question, nothing to wait for: the screen is empty before anything is asked of the network.
// Behaviour after the GOV.UK "exit this page" component, with the page wiped instead of covered.

import { listen, tellTabs } from "./tab.js";
import { tell } from "./voice.js";
import { word } from "./words.js";

const SHIFT_WITHIN = 5_000; // ms between two presses of Shift
const BEACON_MOST = 60_000; // bytes; browsers refuse larger beacons

const exit = document.getElementById("exit");
let left = false;

/** Takes everything off the page at once; what was typed is emptied first, so that no browser brings it back. */
export function blank() {
  for (const field of document.querySelectorAll("textarea, input")) field.value = "";
  document.body.replaceChildren();
}

/**
 * Tells the server that the young person left, with what it does not have yet. Does not wait for an answer.
 * Without a token the chat had not opened yet: then there is something to tell only when words were sent off.
 */
export function tellServer(how, { token, unsent = [] }) {
  if (!token && !unsent.length) return;
  const fitting = [];
  let size = 200;
  for (const item of unsent) {
    size += new Blob([JSON.stringify(item)]).size + 1;
    if (size > BEACON_MOST) break;
    fitting.push(item);
  }
  const { lang: locale } = document.documentElement;
  const body = new Blob([JSON.stringify({ how, token, unsent: fitting, locale })], { type: "application/json" });
  if (navigator.sendBeacon?.("/api/chat/leave", body)) return;
  fetch("/api/chat/leave", { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {}); // beacons are off here
}

/**
 * Makes every way out work.
 * `last()` gives `{token, unsent}` for the server; `stop()` ends what runs; `forget()` removes the token; `hidden()` is
 * called when the page goes away in another way.
 */
export function installLeave({ last, stop, forget, hidden }) {
  const framed = window.parent !== window;
  const leave = (event, { alone = false, asked = false } = {}) => {
    event?.preventDefault();
    if (left) return;
    left = true;
    const path = exit.getAttribute("href");
    let known = {};
    try {
      known = last();
      blank();
      if (!alone) tellTabs();
      if (framed && !asked) window.parent.postMessage("leave", "*"); // the site around the frame empties itself
      forget();
      stop();
      tellServer("exit", known);
    } finally {
      if (framed) leaveFrame(path, asked);
      else location.replace(path); // replaces the chat in the history; whatever failed above, the page goes
    }
  };
  listen(() => leave(null, { alone: true })); // in another tab: this one goes too
  exit.addEventListener("click", (event) => leave(event));
  exit.addEventListener("auxclick", (event) => event.button === 1 && leave(event));
  installShift(leave);
  addEventListener("message", (event) => {
    if (framed && event.source === window.parent && event.data === "leave") leave(null, { asked: true });
  });

  addEventListener("pagehide", (event) => {
    if (left) return;
    tellServer("hidden", last());
    hidden();
    if (event.persisted) blank();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    blank();
    if (!left) location.replace(location.pathname + location.search);
  });
}

/** Out of a frame: the page around it goes, too, also where its own script did not come. */
function leaveFrame(path, asked) {
  if (asked) {
    window.parent.postMessage("left", "*");
    return;
  }
  try {
    window.top.location.replace(new URL(path, location.href).href);
  } catch {
    location.replace(path); // no press in this frame: the browser does not let it move the page around it
  }
}

/** Shift three times, each alone: capitals, shortcuts and on-screen keyboards do not count. */
function installShift(leave) {
  if (!matchMedia("(any-pointer: fine)").matches) return;
  document.getElementById("shift-hint").hidden = false;
  let count = 0;
  let alone = false;
  let timer = 0;
  const forget = () => {
    count = 0;
    alone = false;
    clearTimeout(timer);
  };
  addEventListener("keydown", (event) => {
    const shift = event.key === "Shift" && /^Shift(Left|Right)$/.test(event.code) && !event.isComposing;
    if (!shift || event.ctrlKey || event.altKey || event.metaKey) forget();
    else if (!event.repeat) alone = true;
  });
  addEventListener("pointerdown", forget);
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    count += 1;
    clearTimeout(timer);
    if (count === 3) {
      leave();
      return;
    }
    tell(word(count === 1 ? "shift_two" : "shift_one"));
    timer = setTimeout(forget, SHIFT_WITHIN);
  });
}
