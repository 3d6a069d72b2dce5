// The young person's page: puts its parts together. Nothing is kept on the device but one opaque token, in this tab.

import { installComposer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { installCover } from "./cover.js";
import { installLanguages } from "./languages.js";
import { installLeave, tellServer } from "./leave.js";
import { $, earlier } from "./page.js";
import { installPanels } from "./panels.js";
import { installReturning } from "./returning.js";
import { found, remember, stamp } from "./tab.js";
import { word } from "./words.js";

const chat = new Conversation();

installLeave({
  last: () => ({ token: chat.token, unsent: chat.outbox.unsent() }),
  stop: () => chat.stop(),
  forget: () => remember(null),
  hidden: () => stamp(chat.token, chat.after),
});
installPanels();
installComposer({ send: (text) => chat.send({ text }), typing: () => chat.typing() });
installCover({ away: () => chat.transcript.away(), forget: () => chat.forgetWords(), shown: () => chat.transcript.toEnd() });
installLanguages((locale) => chat.speak(locale));
installReturning({ token: () => chat.token, took: (body) => chat.comeBack(body) });
history.scrollRestoration = "manual";

$("end").addEventListener("click", () => chat.end());
$("erase").addEventListener("click", () => chat.erase());
$("newer").addEventListener("click", () => chat.transcript.toEnd());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") chat.tryAgain();
});
addEventListener("online", () => chat.tryAgain());
addEventListener("offline", () => chat.line?.drop());

let { token: before, after } = found();
if (before && after !== undefined) {
  chat.resume(before, after);
} else if (before) {
  earlier(word("earlier"));
  $("go-on").hidden = false;
  $("go-on").addEventListener("click", () => chat.resume(before));
}
$("begin").addEventListener("click", () => {
  if (before && !chat.token) tellServer("hidden", { token: before, unsent: [] });
  before = "";
  earlier("");
  chat.begin();
});
$("begin").disabled = false;
$("slow").remove();
