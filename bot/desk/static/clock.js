// Times of day and how long something lasts. Clocks tick while the desk is live, and stop when it is not.

import { serverNow } from "./api.js";
import { hasLeft, state } from "./state.js";

const SILENT = 180; // seconds that a person's words stand unanswered in a live chat, until the desk says so

const OF_DAY = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const TO_THE_SECOND = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Seconds since the epoch from what the API may send (a number or ISO text); null when there is none. */
export function seconds(value) {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "number") return value > 1e11 ? value / 1000 : value;
  const parsed = Date.parse(value) / 1000;
  return Number.isFinite(parsed) ? parsed : null;
}

const format = (shape, value) => (seconds(value) === null ? "" : shape.format(new Date(seconds(value) * 1000)));
export const timeOfDay = (value) => format(OF_DAY, value);
/** The last day of a time that ends at this moment, as the server counts days: in UTC. */
export const day = (until) => format(DAY, seconds(until) === null ? null : seconds(until) - 1);
export const exactTime = (value) => format(TO_THE_SECOND, value);

/** "3:12", from an hour on "1 h 04". */
export function lasted(from, until) {
  const whole = Math.max(0, Math.floor(until - from));
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")}`;
}

/** What every clock shows as now: the present, or the moment when the line was lost. */
export const clockNow = () => state.notLiveSince ?? serverNow();

/** Since when a young person has gone silent, in seconds since the epoch; null while they have not, or have left. */
export function silentSince(handoff) {
  const since = handoff.state === "live" && !handoff.typing && !hasLeft(handoff) ? seconds(handoff.silentSince) : null;
  return since !== null && clockNow() - since >= SILENT ? since : null;
}

/** Sets every element with `data-since` to the time since then; past its `data-limit`, in seconds, it says so. */
export function tick() {
  const now = clockNow();
  for (const clock of document.querySelectorAll("[data-since]")) {
    const late = Boolean(clock.dataset.limit) && now - Number(clock.dataset.since) > Number(clock.dataset.limit);
    const words = lasted(Number(clock.dataset.since), now) + (late ? " late" : "");
    clock.classList.toggle("late", late);
    if (clock.textContent !== words) clock.textContent = words;
  }
}
