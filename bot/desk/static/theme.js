// Night or day: the device decides until somebody presses; then this browser remembers.

import { $ } from "./dom.js";

const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function drawNight() {
  $("night").setAttribute("aria-pressed", String(dark()));
}

export function nightOrDay() {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  localStorage.setItem("desk-theme", document.documentElement.dataset.theme);
  drawNight();
}

/** The kept choice, for a page without the button. */
export function startThemeOnly() {
  const kept = localStorage.getItem("desk-theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
}

export function startTheme() {
  startThemeOnly();
  drawNight();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawNight);
  $("night").onclick = nightOrDay;
}
