// Three words for coming back: made in the chat, used on the first screen. They are shown until the panel closes, and
// stand nowhere else.

import { $ } from "./page.js";
import { call, NoLine } from "./transport.js";
import { word } from "./words.js";

/** Makes both places work: `token()` is the chat's, `took(body)` is called with the chat that the words opened. */
export function installReturning({ token, took }) {
  $("make-code").addEventListener("click", async () => {
    $("code-state").textContent = word("code_making");
    const answer = await ask("/api/chat/return-code", { token: token() });
    if (answer?.status !== 201) {
      $("code-state").textContent = answer?.body?.error ?? word("failed");
      return;
    }
    $("code").textContent = answer.body.code;
    $("code").hidden = false;
    $("code-state").textContent = word("code_made");
    $("make-code").textContent = word("code_again");
  });
  // Whatever closes the panel takes the words off the page.
  new MutationObserver(() => $("panel-more").hidden && forgetCode()).observe($("panel-more"), { attributes: true });

  $("back-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = $("back-code").value.trim();
    $("back-state").textContent = word(code ? "code_making" : "code_empty");
    if (!code) return;
    const answer = await ask("/api/chat/return", { body: { code } });
    if (answer?.status === 201) {
      $("back-code").value = "";
      $("back-state").textContent = "";
      $("back").open = false;
      took(answer.body);
    } else {
      $("back-state").textContent = answer?.body?.error ?? word("failed");
    }
  });
}

/** Takes the three words off the page. */
export function forgetCode() {
  $("code").hidden = true;
  $("code").textContent = "";
  $("code-state").textContent = "";
  $("make-code").textContent = word("code_make");
}

async function ask(path, options) {
  try {
    return await call("POST", path, options);
  } catch (error) {
    if (!(error instanceof NoLine)) throw error;
    return null;
  }
}
