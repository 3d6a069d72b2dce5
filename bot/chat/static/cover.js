// The cover over a page that went out of sight. One press brings it back; after two minutes without the words from before.

import { $, page, touch } from "./page.js";
import { closePanels } from "./panels.js";
import { hold } from "./voice.js";

const BRIEF = 120_000; // ms out of sight, after which old words are gone from the page

let hiddenAt = 0;
let timer = 0;

/**
 * Makes the cover work.
 * `away()` is called when the page is covered; `forget()` takes the old words off the page; `shown()` is called when the page stands there again.
 */
export function installCover({ away, forget, shown }) {
  const old = () => {
    clearTimeout(timer);
    if (!hiddenAt) return;
    hiddenAt = 0;
    forget();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      if (cover()) away();
      clearTimeout(timer);
      timer = setTimeout(old, BRIEF);
    } else if (hiddenAt && Date.now() - hiddenAt >= BRIEF) {
      old(); // the device slept, and the timer with it
    }
  });
  $("uncover").addEventListener("click", () => {
    clearTimeout(timer);
    hiddenAt = 0;
    $("cover").hidden = true;
    page.hidden = false;
    hold(false);
    shown();
    if (touch || $("dock").hidden) $("log").focus({ preventScroll: true });
    else $("say").focus();
  });
}

/** True when the page was not covered before. */
function cover() {
  if (page.dataset.view === "start" || !page.isConnected) return false;
  hiddenAt ||= Date.now();
  if (page.hidden) return false;
  hold(true);
  closePanels(); // three words for coming back may stand in one
  page.hidden = true;
  $("cover").hidden = false;
  return true;
}
