// One line under the bar that says what failed, what is kept and what to press. It stays until it is closed or mended.

import { Refused, Unreachable } from "./api.js";
import { $, setText, show } from "./dom.js";

export function trouble(words, { link = false } = {}) {
  setText($("trouble-words"), words);
  show($("trouble-link"), link);
  show($("trouble"), true);
}

export const noTrouble = () => show($("trouble"), false);

/** Sign-in ends; the page stays as it is, because a draft may stand in it. */
export const signedOut = () =>
  trouble("You are signed out. Your draft is kept here. Sign in again in a new tab, then come back.", { link: true });

/** Runs `act`; a failure becomes a line on the page. Gives true when it worked. */
export async function telling(what, act) {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signedOut();
    else if (error instanceof Refused) trouble(`${what}: ${error.message}`);
    else if (error instanceof Unreachable) trouble(`${what}: no answer came. Nothing was changed here. Try again.`);
    else throw error;
    return false;
  }
}
