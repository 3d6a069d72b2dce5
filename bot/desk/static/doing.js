// How anything is done with the open handoff: a call, then a reading. The server decides.

import { change, handoffPath } from "./api.js";
import { $, say } from "./dom.js";
import { showPane } from "./panes.js";
import { closeView, readOpen, readQueue } from "./reading.js";
import { opened } from "./state.js";
import { noTrouble, telling } from "./trouble.js";

/** Does `name` with the open handoff and reads it again; false when it failed, and the page says so as `what`. */
export async function act(what, name, body) {
  const handoff = opened();
  return telling(what, async () => {
    await change(handoffPath(handoff.id, name), body);
    noTrouble();
    await Promise.all([readOpen(), readQueue()]);
  });
}

/** Does `name`, after which the chat is not this person's any more: the focus goes to Next, or to the queue. */
export async function actAndLeave(what, name, body, words) {
  const handoff = opened();
  return telling(what, async () => {
    await change(handoffPath(handoff.id, name), body);
    noTrouble();
    closeView();
    say(words);
    await readQueue();
    showPane("queue");
    ($("next").disabled ? $("queue") : $("next")).focus({ preventScroll: true });
  });
}
