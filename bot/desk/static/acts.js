// What can be done with the open handoff, and the shift. Each act is a call, then a reading: the server decides.

import { Refused, change, handoffPath, remove, serverNow } from "./api.js";
import { tone } from "./alarm.js";
import { timeOfDay } from "./clock.js";
import { $, make, say, setText, show } from "./dom.js";
import { toBox } from "./composer.js";
import { goTo, showPane } from "./panes.js";
import { closeView, readOpen, readQueue } from "./reading.js";
import { changed, isMine, isOpenState, opened, state, supervises } from "./state.js";
import { noTrouble, telling, trouble } from "./trouble.js";
import { OUTCOMES, TIERS, TIER_WORDS, TRIAGE_VERDICTS } from "./words.js";

const SHIFT_WORDS = { off: "You are not on shift. Alarms do not sound here.", on_break: "On a break. Alarms do not sound here.", on_shift: "On shift." };

export function drawActs() {
  drawShift();
  const handoff = opened();
  if (handoff === null) return;
  const live = state.live === "live";
  const mine = isMine(handoff);
  const usable = isOpenState(handoff) && !state.gone; // also when its brief cannot be read: somebody must be able to take it
  const formless = state.form === null;
  const buttons = { accept: usable && !mine, raise: usable, lower: usable && mine, release: usable && mine, "to-bot": usable && mine, close: usable && (mine || supervises()) };
  for (const [id, shown] of Object.entries(buttons)) {
    show($(id), shown && formless);
    $(id).disabled = !live;
  }
  drawAccept(handoff, live);
  $("raise").disabled = !live || handoff.tier === "immediate";
  $("lower").disabled = !live || handoff.tier === "none";
  $("acts").classList.toggle("mine", mine);
  show($("lower-form"), state.form === "lower");
  show($("close-form"), state.form === "close");
}

function drawAccept(handoff, live) {
  const taken = handoff.state === "claimed" || handoff.state === "live";
  $("accept").disabled = !live || taken;
  const words = !live ? "Off until live again" : taken ? `${handoff.claimedBy || "Somebody"} has this chat` : null;
  $("accept").replaceChildren(...(words ? [words] : ["Accept this chat ", make("kbd", {}, "A")]));
}

function drawShift() {
  const { presence } = state;
  setText($("shift-words"), SHIFT_WORDS[presence] ?? presence);
  $("shift").dataset.presence = presence;
  show($("shift-start"), presence !== "on_shift");
  $("shift-start").textContent = presence === "on_break" ? "Back on shift" : "Start shift";
  show($("shift-break"), presence === "on_shift");
  show($("shift-end"), presence !== "off");
  show($("shift-out"), presence === "off");
  for (const id of ["shift-start", "shift-break", "shift-end"]) $(id).disabled = state.live !== "live";
}

export async function setPresence(presence) {
  if (state.live !== "live") return;
  if (presence === "on_shift") tone(); // in the press itself: browsers allow sound only then
  await telling("The shift did not change", async () => {
    await change("/api/desk/presence", { state: presence });
    state.presence = presence;
    changed();
    say(SHIFT_WORDS[presence]);
  });
}

async function signOut() {
  await telling("You are not signed out", async () => {
    await remove("/api/desk/session");
    location.replace("/desk");
  });
}

export async function accept() {
  const handoff = opened();
  if (handoff === null || $("accept").hidden || $("accept").disabled) return;
  $("accept").disabled = true;
  await telling("It was not accepted", async () => {
    try {
      await change(handoffPath(handoff.id, "accept"));
      state.lostTo = null;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
      state.lostTo = { words: tooLate(error) };
    }
    noTrouble();
    await Promise.all([readOpen(), readQueue()]);
  });
  changed();
  if (isMine(opened())) {
    say("This chat is yours. Write to them.");
    toBox("reply");
  } else goTo("brief");
}

/** "Ana took this chat at 21:10." */
function tooLate(error) {
  const holder = error.body.claimed_by?.name ?? error.body.claimed_by ?? error.body.holder?.name ?? error.body.holder ?? error.body.name;
  if (!holder) return error.message;
  return `${holder} took this chat at ${timeOfDay(error.body.claimed_at ?? serverNow())}.`;
}

async function act(what, name, body) {
  const handoff = opened();
  return telling(what, async () => {
    await change(handoffPath(handoff.id, name), body);
    noTrouble();
    await Promise.all([readOpen(), readQueue()]);
  });
}

export async function raise() {
  const handoff = opened();
  if (handoff === null || $("raise").hidden || $("raise").disabled) return;
  const tier = TIERS[TIERS.indexOf(handoff.tier) - 1];
  if (await act("The tier was not raised", "tier", { tier, reason: "" })) say(`Raised to ${TIER_WORDS[tier]}.`);
}

export function openForm(name) {
  const button = $(name);
  if (opened() === null || button.hidden || button.disabled) return;
  state.form = name;
  if (name === "lower") {
    const lower = TIERS.slice(TIERS.indexOf(opened().tier) + 1);
    $("lower-tier").replaceChildren(...lower.map((tier) => make("option", { value: tier }, TIER_WORDS[tier])));
  }
  changed();
  showPane("brief");
  $(`${name}-form`).querySelector("select, input, textarea").focus();
}

export function dismissForm() {
  if (state.form === null) return false;
  const name = state.form;
  state.form = null;
  changed();
  $(name).focus();
  return true;
}

async function submitLower(event) {
  event.preventDefault();
  const reason = $("lower-reason").value.trim();
  setText($("lower-problem"), reason ? "" : "Lowering needs a reason.");
  if (!reason) return $("lower-reason").focus();
  if (!(await act("The tier was not lowered", "tier", { tier: $("lower-tier").value, reason }))) return;
  $("lower-reason").value = "";
  dismissForm();
}

async function submitClose(event) {
  event.preventDefault();
  const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;
  const outcome = chosen("outcome");
  setText($("close-problem"), outcome ? "" : "Pick how it ended first.");
  if (!outcome) return document.querySelector('input[name="outcome"]').focus();
  const body = { outcome };
  if (chosen("triage")) body.triage = chosen("triage");
  if ($("close-note").value.trim()) body.note = $("close-note").value.trim();
  const handoff = opened();
  await telling("The chat was not closed", async () => {
    await change(handoffPath(handoff.id, "close"), body);
    noTrouble();
    afterwards("The chat is closed. They were told.");
    $("close-form").reset();
    await readQueue();
    focusQueue();
  });
}

async function letGo(name, what, words) {
  const handoff = opened();
  if (handoff === null || $(name).hidden || $(name).disabled) return;
  await telling(what, async () => {
    await change(handoffPath(handoff.id, name === "to-bot" ? "return-to-bot" : "release"));
    noTrouble();
    afterwards(words);
    await readQueue();
    focusQueue();
  });
}

function afterwards(words) {
  closeView();
  say(words);
}

/** After a chat ends the focus is on Next, or on the queue when nobody waits. */
function focusQueue() {
  showPane("queue");
  ($("next").disabled ? $("queue") : $("next")).focus({ preventScroll: true });
}

export const toBot = () => letGo("to-bot", "It was not given back", "The bot has this chat again. They were told.");

async function submitReason(event) {
  event.preventDefault();
  const reason = $("read-reason").value.trim();
  setText($("reason-problem"), reason ? "" : "Write a reason first.");
  if (!reason) return $("read-reason").focus();
  if (!(await act("It was not opened", "read-reason", { reason }))) return;
  askReason(false);
  $("read-reason").value = "";
  $("log").focus({ preventScroll: true });
}

export function askReason(asked) {
  show($("reason-form"), asked);
  $("give-reason").setAttribute("aria-expanded", String(asked));
  if (asked) $("read-reason").focus();
}

/** One press calls a supervisor; when that cannot be done, the page says so and what to do. */
export async function needHelp() {
  $("help").disabled = true;
  try {
    await change("/api/desk/help", { handoff: state.openId });
    noTrouble();
    say("A supervisor was called.");
    setText($("shift-words"), `A supervisor was called at ${timeOfDay(serverNow())}.`);
  } catch {
    trouble("No supervisor could be reached from this page. Phone the person on call now.");
  } finally {
    $("help").disabled = false;
  }
}

export function startActs() {
  const choices = (place, name, table) => place.append(...Object.entries(table).map(([value, words]) =>
    make("label", {}, make("input", { type: "radio", name, value }), ` ${words}`)));
  choices($("outcomes"), "outcome", OUTCOMES);
  choices($("triage-choices"), "triage", TRIAGE_VERDICTS);
  $("accept").onclick = accept;
  $("raise").onclick = raise;
  $("lower").onclick = () => openForm("lower");
  $("close").onclick = () => openForm("close");
  $("release").onclick = () => letGo("release", "It was not put back", "Put back at its old place.");
  $("to-bot").onclick = toBot;
  $("help").onclick = needHelp;
  $("lower-form").addEventListener("submit", submitLower);
  $("close-form").addEventListener("submit", submitClose);
  $("reason-form").addEventListener("submit", submitReason);
  $("give-reason").onclick = () => askReason($("reason-form").hidden);
  $("reason-back").onclick = () => { askReason(false); $("give-reason").focus(); };
  for (const button of document.querySelectorAll("[data-dismiss]")) button.onclick = dismissForm;
  $("shift-start").onclick = () => setPresence("on_shift");
  $("shift-break").onclick = () => setPresence("on_break");
  $("empty-break").onclick = () => setPresence("on_break");
  $("shift-end").onclick = () => setPresence("off");
  $("shift-out").onclick = signOut;
  $("trouble-done").onclick = noTrouble;
}
