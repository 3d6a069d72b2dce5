// Starts the desk: who I am, then the queue, then the line. The modules draw themselves from the state.

import { drawActs, startActs } from "./acts.js";
import { drawAlarm, startAlarm } from "./alarm.js";
import { Refused } from "./api.js";
import { startAudit } from "./audit.js";
import { drawBoard, startBoard } from "./board.js";
import { drawBrief, startBrief } from "./brief.js";
import { tick } from "./clock.js";
import { drawCalls } from "./calls.js";
import { drawComposer, startComposer } from "./composer.js";
import { connect, drawConnection, startPolling } from "./connection.js";
import { $, setText, show } from "./dom.js";
import { drawEmergency, startEmergency } from "./emergency.js";
import { drawForms, startForms } from "./forms.js";
import { drawHearing, startHearing } from "./hearing.js";
import { startKeys } from "./keys.js";
import { drawPanes } from "./panes.js";
import { askPassword, wantsPassword } from "./password.js";
import { drawQueue, next } from "./queue.js";
import { open, readMe, readQueue, readSetup } from "./reading.js";
import { drawShift, startShift } from "./shift.js";
import { drawnBy, state } from "./state.js";
import { startTheme } from "./theme.js";
import { drawChat, startTranscript } from "./transcript.js";
import { telling, trouble } from "./trouble.js";
import { drawWhispers, startWhispers } from "./whisper.js";

const RETRY = 3000; // milliseconds

function drawMe() {
  setText($("me"), state.me ? [state.me.name, state.me.roles.join(", ")].filter(Boolean).join(", ") : "");
}

for (const draw of [drawConnection, drawMe, drawPanes, drawQueue, drawShift, drawHearing, drawActs, drawForms, drawEmergency, drawBrief, drawChat, drawComposer, drawAlarm, drawCalls, drawWhispers, drawBoard, tick]) drawnBy(draw);

/** The first reading. One that fails says so and is tried again; "I need help" works meanwhile. */
async function begin() {
  try {
    await readMe();
    await readSetup();
    await readQueue();
  } catch (error) {
    if (wantsPassword(error)) {
      show($("cover"), true);
      askPassword({ csrf: error.body.csrf, after: () => location.reload() });
    } else if (error instanceof Refused && error.status === 401) {
      location.replace("/desk");
    } else if (error instanceof Refused && error.status === 403) {
      trouble("Your role has no place at the desk. Ask a supervisor.");
    } else {
      trouble("The desk cannot be read yet. It tries again by itself.");
      setTimeout(begin, RETRY);
    }
    return;
  }
  show($("trouble"), false);
  connect();
  startPolling();
  const kept = decodeURIComponent(location.hash.slice(1));
  if (/^[\w-]+$/.test(kept) && !kept.startsWith("m")) await telling("The brief did not open", () => open(kept));
}

startTheme();
startAlarm();
startActs();
startForms();
startEmergency();
startShift();
startHearing();
startBoard();
startAudit();
startWhispers();
startComposer();
startTranscript();
startBrief();
startKeys();
$("next").onclick = next;
setInterval(tick, 1000);
begin();
