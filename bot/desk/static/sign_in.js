// Sign-in: name and password as JSON; a one-time password leads on to choosing another one.

import { Refused, change, read, useToken } from "./api.js";
import { $, setText, show } from "./dom.js";
import { askPassword, wantsPassword } from "./password.js";
import { startThemeOnly } from "./theme.js";

startThemeOnly();

function enter() {
  location.replace("/desk");
}

/** Goes on to the desk, or to the form for a new password. */
async function goOn(name, old) {
  try {
    useToken((await read("/api/desk/me")).csrf);
  } catch (error) {
    if (!wantsPassword(error)) throw error;
    show($("sign-in"), false);
    askPassword({ name, old, csrf: error.body.csrf, after: enter });
    return;
  }
  enter();
}

async function signIn(event) {
  event.preventDefault();
  const button = $("sign-in").querySelector("button");
  button.disabled = true;
  setText($("problem"), "");
  try {
    await change("/api/desk/session", { name: $("name").value.trim(), password: $("password").value });
    await goOn($("name").value.trim(), $("password").value);
  } catch (error) {
    setText($("problem"), error instanceof Refused ? error.message : "No answer came. Check the line and try again.");
    $("password").select();
  } finally {
    button.disabled = false;
  }
}

$("sign-in").addEventListener("submit", signIn);
