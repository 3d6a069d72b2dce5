// The first sign-in is with a password that works once; here its owner chooses another one.

import { Refused, change, useToken } from "./api.js";
import { $, setText, show } from "./dom.js";

/** Shows the form; `old` is what was just typed, so that it need not be typed again. */
export function askPassword({ name = "", old = "", csrf = "", after }) {
  useToken(csrf);
  show($("change"), true);
  $("change-name").value = name;
  $("old").value = old;
  (old ? $("new") : $("old")).focus();
  $("change").onsubmit = async (event) => {
    event.preventDefault();
    const button = $("change").querySelector("button");
    button.disabled = true;
    try {
      await change("/api/desk/password", { old: $("old").value, new: $("new").value });
      after();
    } catch (error) {
      setText($("change-problem"), error instanceof Refused ? error.message : "No answer came. Try again.");
      button.disabled = false;
    }
  };
}

/** True when the server wants a new password before anything else. */
export const wantsPassword = (error) => error instanceof Refused && error.status === 403 && error.body.change_password === true;
