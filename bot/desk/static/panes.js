// On a narrow screen one area shows at a time; F6 goes through the areas on every screen.

import { $ } from "./dom.js";
import { state, supervises } from "./state.js";

const AREAS = ["bar", "queue", "brief", "chat"];

/** Shows an area where only one fits; elsewhere all of them are there. */
export function showPane(name) {
  const choice = $(`pane-${name}`);
  if (choice) choice.checked = true;
}

export function goTo(area) {
  showPane(area);
  $(area).focus({ preventScroll: true });
}

export function nextArea(step) {
  const shown = AREAS.filter((area) => !$(area).hidden);
  const here = shown.findIndex((area) => $(area).contains(document.activeElement));
  goTo(shown[(here + step + shown.length) % shown.length]);
}

/** Which of the large areas stand there. */
export function drawPanes() {
  const loading = state.queue === null;
  const openNow = !loading && state.openId !== null;
  const waiting = state.queue?.counts?.waiting ?? 0;
  document.body.dataset.view = loading ? "loading" : openNow ? "open" : "none";
  $("loading").hidden = !loading;
  $("brief").hidden = !openNow;
  $("chat").hidden = !openNow;
  const calm = !loading && !openNow && !supervises(); // supervisors have the board there
  $("empty").hidden = !calm || waiting > 0;
  $("choose").hidden = !calm || waiting === 0;
  $("choose-title").textContent = waiting === 1 ? "One person is waiting." : `${waiting} people are waiting.`;
  $("empty-break").hidden = state.presence !== "on_shift";
}
