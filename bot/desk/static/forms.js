// Forms that stand where the card is: lower the tier, pass the chat on, close it. And the reason that opens a transcript.

import { change, read } from "./api.js";
import { $, drawOnce, make, say, setText, show } from "./dom.js";
import { act, actAndLeave } from "./doing.js";
import { fillRecord } from "./emergency.js";
import { showPane } from "./panes.js";
import { readOpen, readQueue } from "./reading.js";
import { changed, isMe, opened, state } from "./state.js";
import { telling } from "./trouble.js";
import { TIERS, TIER_WORDS, TRIAGE_VERDICTS, languageWords } from "./words.js";

const FORMS = ["lower", "transfer", "aside", "emergency", "close"];

export function drawForms() {
  for (const name of FORMS) show($(`${name}-form`), state.form === name);
  drawChoices();
}

/** What there is to pick comes from the server, once. */
function drawChoices() {
  if (state.setup === null) return;
  const { outcomes, categories, follow_up: followUp } = state.setup;
  drawOnce($("outcomes"), outcomes, () => radios($("outcomes"), "outcome", outcomes));
  drawOnce($("close-category"), categories, () => options($("close-category"), "Not said", categories));
  drawOnce($("close-follow-up"), followUp, () => options($("close-follow-up"), "Not said", followUp));
}

const radios = (place, name, choices) => place.replaceChildren(...choices.map(({ id, says }) =>
  make("label", {}, make("input", { type: "radio", name, value: id }), ` ${says}`)));

const options = (place, none, choices) => place.replaceChildren(make("option", { value: "" }, none),
  ...choices.map(({ id, says }) => make("option", { value: id }, says)));

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;

export async function openForm(name) {
  const button = $(name);
  if (opened() === null || button.hidden || button.disabled) return;
  state.form = name;
  BEFORE[name]();
  changed();
  showPane("brief");
  if (name === "transfer") await listColleagues();
  if (name === "emergency" && !opened().emergency) await act("The record was not opened", "emergency", {});
  ($(`${name}-form`).querySelector("select, input, textarea") ?? $(`${name}-form`)).focus();
}

const BEFORE = {
  lower() {
    const lower = TIERS.slice(TIERS.indexOf(opened().tier) + 1);
    $("lower-tier").replaceChildren(...lower.map((tier) => make("option", { value: tier }, TIER_WORDS[tier])));
  },
  transfer() {
    setText($("transfer-problem"), "");
    $("colleagues").replaceChildren(make("p", { class: "soft" }, "Reading who is here…"));
  },
  aside() {
    const count = state.asideIds.length;
    setText($("aside-count"), count > 1 ? `${count} chats that began alike.` : "This chat.");
    setText($("aside-problem"), "");
    $("aside-reason").value = opened().asideAsked?.reason ?? "";
  },
  emergency: fillRecord,
  close() {
    $("close-form").reset();
    setText($("close-problem"), "");
    $("close-category").value = opened().wrapUp?.category ?? "";
  },
};

export function dismissForm() {
  if (state.form === null) return false;
  const name = state.form;
  state.form = null;
  changed();
  $(name).focus();
  return true;
}

async function listColleagues() {
  await telling("Who is here cannot be read", async () => {
    const { colleagues } = await read("/api/desk/colleagues");
    const others = colleagues.filter((one) => !isMe(one.name));
    if (others.length === 0) return $("colleagues").replaceChildren(make("p", { class: "soft" }, "Nobody else is on shift. Put the chat back, or ask for help."));
    radios($("colleagues"), "colleague", others.map((one) => ({ id: one.name, says: `${one.name}, ${one.role}, ${load(one)}${spoken(one)}` })));
    return undefined;
  });
}

/** Only what a choice may turn on: a language other than English. */
const spoken = (one) => (one.languages ?? []).filter((code) => code !== "en").map((code) => `, ${languageWords(code)}`).join("");

const load = (one) => (one.held === 0 ? "no chat" : `${one.held} ${one.held === 1 ? "chat" : "chats"}${one.free ? "" : ", hands full"}`);

async function submitTransfer(event) {
  event.preventDefault();
  const to = chosen("colleague");
  setText($("transfer-problem"), to ? "" : "Pick who should take it.");
  if (!to) return;
  if (await act("It was not offered", "transfer", { to, warm: true })) dismissForm();
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

async function submitAside(event) {
  event.preventDefault();
  const reason = $("aside-reason").value.trim();
  setText($("aside-problem"), reason.length < 3 ? "Write a reason first." : "");
  if (reason.length < 3) return $("aside-reason").focus();
  await telling("It was not set aside", async () => {
    const done = await change("/api/desk/set-aside", { handoffs: state.asideIds, reason });
    await Promise.all([readOpen(), readQueue()]);
    dismissForm();
    say(done.asked.length > 0 ? "A second person must agree first." : "Set aside. It keeps its place.");
  });
}

async function submitClose(event) {
  event.preventDefault();
  const outcome = chosen("outcome");
  setText($("close-problem"), outcome ? "" : "Pick how it ended first.");
  if (!outcome) return document.querySelector('input[name="outcome"]').focus();
  const filled = { triage: chosen("triage"), category: $("close-category").value, follow_up: $("close-follow-up").value, note: $("close-note").value.trim() };
  const body = { outcome, ...Object.fromEntries(Object.entries(filled).filter(([, value]) => value)) };
  await actAndLeave("The chat was not closed", "close", body, "The chat is closed. They were told.");
}

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

export function startForms() {
  radios($("triage-choices"), "triage", Object.entries(TRIAGE_VERDICTS).map(([id, says]) => ({ id, says })));
  $("lower-form").addEventListener("submit", submitLower);
  $("transfer-form").addEventListener("submit", submitTransfer);
  $("aside-form").addEventListener("submit", submitAside);
  document.addEventListener("desk:aside", () => openForm("aside"));
  $("close-form").addEventListener("submit", submitClose);
  $("reason-form").addEventListener("submit", submitReason);
  $("give-reason").onclick = () => askReason($("reason-form").hidden);
  $("reason-back").onclick = () => { askReason(false); $("give-reason").focus(); };
  for (const button of document.querySelectorAll("[data-dismiss]")) button.onclick = dismissForm;
}
