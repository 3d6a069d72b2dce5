// The young person's page: puts the line, the outbox and the transcript together. See docs in each module.
// Nothing is kept on the device but one opaque token, in this tab's own storage.

import { installLeave, tellServer } from "./leave.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import { closePanels, installPanels } from "./panels.js";
import { Strip } from "./strip.js";
import { Transcript, el, icon } from "./transcript.js";
import { call, NoLine } from "./transport.js";
import { announce, hold, tell } from "./voice.js";
import { whenOpen, word } from "./words.js";

const LONGEST = 2_000; // characters in one message
const TYPING_EVERY = 3_000; // ms between two notes that the young person types
const ANSWER_DUE = 1_500; // ms after a sent message until we ask, should the stream be silent
const WAIT_AGE = 45_000; // ms; what is shown of the wait is never older than a minute
const RETRY_OPEN = [1_000, 2_000, 4_000, 8_000]; // ms
const KEY = "t";

// Found once: what still runs in the moment of leaving finds its elements, off the page as they are.
const nodes = Object.fromEntries([...document.querySelectorAll("[id]")].map((node) => [node.id, node]));
const $ = (id) => nodes[id];
const page = $("page");
const composer = $("composer");
const say = $("say");
const touch = matchMedia("(pointer: coarse)").matches;

let token = null;
let line = null;
let opening = 0;
let ended = false;
let connected = true;
let heardAt = 0;
let typingAt = 0;

const outbox = new Outbox({
  send: ({ client_id, text, option }) =>
    call("POST", "/api/chat/messages", { token, body: option ? { client_id, option } : { client_id, text } }),
  changed: sendingMoved,
  answered,
  revoked,
});
const transcript = new Transcript($("log"), {
  press: pressOption,
  retry: tryAgain,
  edit: writeAgain,
  newer: (shown) => ($("newer").hidden = !shown),
});
const strip = new Strip({
  ask: () => send({ option: "person:ask", title: word("ask") }, { ahead: true }),
  stop: () => send({ option: "person:not_now", title: word("stop") }, { ahead: true }),
});

// ---- Start, resume, end ----

/** The token of this tab; where storage is off it lives only as long as the page. */
function remember(value) {
  token = value;
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.clear();
  } catch {
    // storage is off: the chat works, a reload starts a new one
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Shows one of the page's views: start, chat or ended. */
function view(name) {
  page.dataset.view = name;
  $("start").hidden = name !== "start";
  $("strip").hidden = name !== "chat";
  $("log").hidden = name !== "chat";
  $("chat-title").hidden = name === "start";
  $("dock").hidden = name !== "chat";
  if (name !== "ended") $("notice").hidden = true;
  closePanels();
}

async function begin() {
  ended = false;
  view("chat");
  strip.setStatus(null);
  transcript.setTail("opening", el("div", { className: "turn opening tail", text: word("opening") }));
  tell(word("opening"));
  if (!touch) say.focus();
  const { lang } = document.documentElement;
  await open(() => call("POST", "/api/chat/conversations", { body: { locale: lang } }), (body) => {
    remember(body.token);
    for (const message of body.messages) transcript.show(message);
  });
  if (!outbox.items.length) transcript.toStart();
}

/** Takes the chat of this tab up again, with its text after a reload, without it otherwise. */
async function resume(stored, { withText }) {
  token = stored;
  view("chat");
  strip.setStatus(null);
  await open(() => call("GET", "/api/chat/messages?after=0", { token }), (body) => {
    if (withText) for (const message of body.messages) transcript.show(message, { quiet: true });
    else transcript.line(word("place_back"));
  });
  transcript.toEnd();
}

/** Opens the line; tries until it works, with help on the screen meanwhile. */
async function open(ask, show) {
  const mine = ++opening;
  for (let tries = 0; mine === opening; tries += 1) {
    let answer = null;
    try {
      answer = await ask();
    } catch (error) {
      if (!(error instanceof NoLine)) throw error;
    }
    if (mine !== opening) return;
    if (answer?.status === 401) return revoked();
    if (answer && answer.status < 300 && answer.body) return opened(answer.body, show);
    notOpened(answer);
    await new Promise((resolve) => {
      $("notice-button").onclick = resolve;
      setTimeout(resolve, RETRY_OPEN[Math.min(tries, RETRY_OPEN.length - 1)]);
    });
  }
}

function opened(body, show) {
  const { messages, status } = body;
  transcript.setTail("opening", null);
  $("notice").hidden = true;
  lineState("open");
  show(body);
  line = new Line({
    token,
    cursor: Math.max(0, ...messages.map((message) => message.seq)),
    message: (message) => {
      heardAt = Date.now();
      if (message.client_id) outbox.confirm(message.client_id);
      transcript.show(message);
    },
    status: statusMoved,
    state: lineState,
    revoked,
  });
  statusMoved(status);
  if (ended) return;
  line.open();
  outbox.open();
}

function notOpened(answer) {
  transcript.setTail("opening", null);
  notice({ sign: "gap", title: word("broke_title"), text: answer?.body?.error && answer.status < 500 ? answer.body.error : word("broke_text"), button: word("again") });
  if (answer?.body?.help) transcript.help(answer.body.help);
  showNumbers();
  transcript.toStart();
}

/** A notice in the place of the chat or above it. */
function notice({ sign, title, text, button, press }) {
  $("notice-icon").setAttribute("href", `#i-${sign}`);
  $("notice-title").textContent = title;
  $("notice-text").textContent = text;
  $("notice-act").hidden = !button;
  $("notice-button").textContent = button ?? "";
  if (press) $("notice-button").onclick = press;
  $("notice").hidden = false;
}

/** Ends what runs and takes all words off the screen. */
function stop() {
  opening += 1;
  line?.close();
  line = null;
  outbox.clear();
  transcript.clear();
  say.value = "";
}

function showEnded(title, text) {
  ended = true;
  stop();
  remember(null);
  view("ended");
  strip.setStatus({ mode: "closed" });
  notice({ sign: "leave", title, text, button: word("start_again"), press: begin });
  showNumbers();
  $("notice").focus();
  tell(title);
}

/** The token opens nothing any more: ended or erased here or elsewhere. Blank, and start again. */
function revoked() {
  stop();
  remember(null);
  view("start");
  $("go-on").hidden = true;
  $("earlier").textContent = word("gone");
  $("earlier").hidden = false;
  showNumbers();
  $("start-title").focus();
}

async function end() {
  await finish(() => call("POST", "/api/chat/leave", { token, body: { how: "end", token, unsent: outbox.unsent() } }), () =>
    showEnded(word("ended_title"), word("ended_text")),
  );
}

async function erase() {
  await finish(() => call("DELETE", "/api/chat/conversation", { token }), () =>
    showEnded(word("erased_title"), word("erased_text")),
  );
}

async function finish(ask, done) {
  if (!token) return done();
  try {
    const { status } = await ask();
    if (status < 300 || status === 401) return done();
  } catch (error) {
    if (!(error instanceof NoLine)) throw error;
  }
  hint(word("failed"));
}

// ---- What comes ----

function statusMoved(status) {
  if (status.mode === "closed") {
    showEnded(word("ended_title"), word("ended_text"));
    return;
  }
  const before = strip.status;
  heardAt = Date.now();
  strip.setStatus(status);
  transcript.setLive(status.mode === "live");
  transcript.setTail("hand", strip.hand());
  transcript.typing(status.mode === "live" && status.person_typing, status.person || word("a_person"));
  page.dataset.mode = status.mode;
  closedHours(status);
  showNumbers();
  if (before && before.mode !== "waiting" && status.mode === "waiting") {
    tell(`${$("who-name").textContent}. ${$("who-note").textContent}.`);
  }
}

/** Out of hours it is said at once, above the chat; while waiting, the end of the chat says it. */
function closedHours({ mode, people, next_open: opens }) {
  if (mode !== "bot" || people !== "none") {
    $("notice").hidden = true;
    return;
  }
  const back = opens === undefined ? "" : word("closed_back", { when: whenOpen(opens) });
  const said = $("notice").hidden;
  notice({ sign: "moon", title: word("closed_title"), text: `${back} ${word("closed_text")}`.trim() });
  if (said) announce(`${word("closed_title")} ${back}`.trim());
}

function lineState(state) {
  const open = state === "open";
  if (open === connected) return;
  connected = open;
  strip.setConnected(open);
  if (open) {
    transcript.setTail("gap", null);
    tell(word("back"));
    outbox.retry();
  } else {
    const text = el("p", { children: [icon("gap"), el("span", { text: word("gap") })] });
    transcript.setTail("gap", el("div", { className: "turn gap tail", children: [text] }));
    tell(word("gap"));
  }
  showNumbers();
}

/** The numbers stand below the chat where it cannot be counted on; beside it there is always the button. */
function showNumbers() {
  const mode = strip.status?.mode;
  const needed = page.dataset.view !== "chat" || !connected || mode === "waiting" || !$("notice").hidden;
  $("numbers").hidden = !needed;
}

// ---- What goes ----

function send(content, options) {
  transcript.add(outbox.add(content, options));
}

function sendingMoved(item) {
  transcript.mark(item);
  const said = { sending: word("sending"), sent: word("sent"), unsent: word("unsent_said"), refused: item.reason ?? word("unsent") };
  tell(said[item.state]);
  if (item.state === "unsent" && item.option?.startsWith("person:")) strip.free();
}

/** Every answer to a message: help in it is shown at once, whatever its status; on a failure there is always help. */
function answered(item, { status, body }) {
  if (body?.help) transcript.help(body.help, item);
  else if (status >= 500) transcript.help({ text: word("help_text"), resources: servicesOfPage() }, item);
  if (status >= 300) return;
  setTimeout(() => {
    if (line && Date.now() - heardAt >= ANSWER_DUE) line.refresh();
  }, ANSWER_DUE + 50);
}

/** The services that came with the page, for when nothing better came. */
function servicesOfPage() {
  return [...document.querySelectorAll("#numbers a")].map((link) => ({ ...link.dataset }));
}

function pressOption(option, event) {
  send({ option: option.payload, title: option.title }, { ahead: option.payload.startsWith("person:") });
  // The pressed button is gone: keep the focus in the chat, without opening a keyboard on a phone.
  if (event.detail === 0 || !touch) say.focus({ preventScroll: true });
  else $("log").focus({ preventScroll: true });
}

function tryAgain() {
  line?.poke();
  outbox.retry();
}

function writeAgain(item) {
  outbox.forget(item);
  if (item.text && !say.value.trim()) say.value = item.text;
  say.focus();
}

/** Long words go in parts, cut at an empty line, a line's end or a space: nothing is refused and nothing is lost. */
function parts(text) {
  const found = [];
  let rest = text.trim();
  while (rest.length > LONGEST) {
    const room = rest.slice(0, LONGEST + 1);
    const cuts = ["\n\n", "\n", " "].map((mark) => room.lastIndexOf(mark));
    let cut = cuts.find((place) => place > LONGEST / 2) ?? LONGEST;
    if (/[\ud800-\udbff]/.test(rest[cut - 1])) cut -= 1;
    found.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return rest ? [...found, rest] : found;
}

function submit() {
  const texts = parts(say.value);
  if (!texts.length) return;
  say.value = "";
  hint("");
  for (const text of texts) send({ text });
}

function typed() {
  const count = parts(say.value).length;
  hint(count > 1 ? word("long", { count }) : "");
  if (!token || !connected || !say.value.trim() || Date.now() - typingAt < TYPING_EVERY) return;
  typingAt = Date.now();
  call("POST", "/api/chat/typing", { token }).catch(() => {});
}

function hint(text) {
  $("hint").textContent = text;
}

// ---- Cover ----

/** The page went out of sight: nothing of the chat stands there when it comes back, until one press. */
function cover() {
  if (page.dataset.view === "start" || page.hidden || !page.isConnected) return;
  hold(true);
  page.hidden = true;
  $("cover").hidden = false;
}

function uncover() {
  $("cover").hidden = true;
  page.hidden = false;
  hold(false);
  transcript.toEnd();
  if (touch || $("dock").hidden) $("log").focus({ preventScroll: true });
  else say.focus();
}

// ---- Wiring ----

installLeave({
  last: () => ({ token, unsent: outbox.unsent() }),
  stop,
  forget: () => remember(null),
});
installPanels();
history.scrollRestoration = "manual";

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
say.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
say.addEventListener("input", typed);
$("end").addEventListener("click", end);
$("erase").addEventListener("click", erase);
$("newer").addEventListener("click", () => transcript.toEnd());
$("uncover").addEventListener("click", uncover);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") cover();
  else tryAgain();
});
addEventListener("online", tryAgain);
addEventListener("offline", () => line?.drop());
setInterval(() => {
  if (connected && strip.age > WAIT_AGE) line?.refresh();
}, 15_000);

const stored = remembered();
const arrived = performance.getEntriesByType("navigation")[0]?.type;
if (stored && arrived === "reload") {
  resume(stored, { withText: true });
} else if (stored) {
  $("earlier").textContent = word("earlier");
  $("earlier").hidden = false;
  $("go-on").hidden = false;
  $("go-on").addEventListener("click", () => resume(remembered(), { withText: false }));
}
$("begin").addEventListener("click", () => {
  if (remembered()) tellServer("hidden", { token: remembered(), unsent: [] });
  $("earlier").hidden = true;
  begin();
});
$("begin").disabled = false;
$("slow").remove();
