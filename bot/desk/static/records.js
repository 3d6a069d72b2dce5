// Records: what staff said of triage by week, legal holds, exports. Each reading and each press is in the audit.

import { change, handoffPath, read, remove, useToken } from "./api.js";
import { day, seconds, timeOfDay } from "./clock.js";
import { $, make, say, setText, show } from "./dom.js";
import { VERDICTS, openExamples, readKept } from "./examples.js";
import { startThemeOnly } from "./theme.js";
import { tierMark } from "./tiers.js";
import { noTrouble, telling } from "./trouble.js";
import { cueWords } from "./words.js";

const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const when = (at) => `${WHEN.format(new Date(seconds(at) * 1000))} ${timeOfDay(at)}`;

let role = "";

const button = (words, press, more = {}) => {
  const made = make("button", { type: "button", class: "button plain", ...more }, words);
  made.onclick = press;
  return made;
};

const none = (words) => make("li", { class: "soft" }, words);

// A reason for one press

/** Asks for a reason; gives it, or null when they went back. */
function askWhy(title, label, go) {
  setText($("ask-title"), title);
  setText($("ask-label"), label);
  setText($("ask-go"), go);
  $("ask-reason").value = "";
  $("ask").showModal();
  $("ask-reason").focus();
  return new Promise((resolve) => {
    $("ask-form").onsubmit = () => resolve($("ask-reason").value.trim());
    $("ask-back").onclick = () => $("ask").close();
    $("ask").onclose = () => resolve(null); // after a submit it is settled already
  });
}

// The week

async function readWeek(week = "") {
  const found = await read(`/api/desk/triage-review?week=${encodeURIComponent(week)}`);
  $("week-choice").replaceChildren(...[...new Set([found.week, ...found.weeks])].sort().reverse().map((one) => make("option", { value: one, selected: one === found.week }, weekWords(one))));
  setText($("week-counts"), Object.entries(found.counts).map(([verdict, count]) => `${VERDICTS[verdict]}: ${count}`).join(" · "));
  $("week-lines").replaceChildren(...(found.lines.length ? found.lines.map(weekLine) : [none("Nothing to look at in this week.")]));
}

const weekWords = (week) => `Week ${Number(week.slice(6))}, ${week.slice(0, 4)}`;

function weekLine(line) {
  const open = button("Open", () => openChat(line.handoff));
  const examples = button("Examples", () => readExamples(line.handoff));
  for (const press of [open, examples]) press.append(make("span", { class: "unseen" }, ` chat ${line.handoff}`));
  return make("li", {}, make("time", {}, when(line.at)), tierMark(line.tier),
    make("p", {}, make("b", {}, VERDICTS[line.verdict]), `: ${line.cues.map(cueWords).join(", ") || "no cue"}. ${line.staff ?? ""}${line.has_note ? ", with a note" : ""}`),
    make("span", { class: "shift-buttons" }, open, examples));
}

async function readExamples(id) {
  const reason = await askWhy(`Examples from chat ${id}`, "Why do you need to read it?", "Show what they wrote");
  if (!reason) return;
  await telling("It cannot be read", async () => {
    await change(handoffPath(id, "read-reason"), { reason });
    await openExamples(id);
    noTrouble();
  });
}

async function openChat(id) {
  const reason = await askWhy(`Open chat ${id}`, "Why do you need to read it?", "Open the chat");
  if (!reason) return;
  if (await telling("The chat was not opened", () => change(handoffPath(id, "read-reason"), { reason }))) location.assign(`/desk#${id}`);
}

// Holds and exports

async function readFiles() {
  const { holds, exports: files, may } = await read("/api/desk/records");
  $("holds").replaceChildren(...(holds.length ? holds.map((one) => holdLine(one, may)) : [none("No chat is on hold.")]));
  $("exports").replaceChildren(...(files.length ? files.map(exportLine) : [none("Nothing waits, and nothing was decided this week.")]));
  show($("hold-form"), may.hold);
  show($("export-form"), may.ask);
}

function holdLine(one, may) {
  const asked = one.erase_asked_at ? ` The young person erased it on ${when(one.erase_asked_at)}: it goes when the hold ends.` : "";
  return make("li", {}, make("p", {}, make("b", {}, `Chat ${one.handoff}`), ` until ${day(one.until)}. `, one.reason, make("span", {}, `${one.staff}, ${when(one.at)}.${asked}`)),
    may.end_hold ? button("End the hold", () => endHold(one)) : null);
}

async function endHold(one) {
  const lost = one.erase_asked_at ? "Its words are erased now. Why does it end?" : "Why does it end?";
  const reason = await askWhy(`End the hold on chat ${one.handoff}`, lost, "End the hold");
  if (reason) await pressed("The hold still stands", handoffPath(one.handoff, "hold/end"), { reason }, "The hold has ended.");
}

function exportLine(one) {
  const state = one.decision === null ? "waits for a second person" : `${one.decision} by ${one.decided_by}, ${when(one.decided_at)}`;
  const acts = [];
  if (one.may_decide) {
    acts.push(button("Approve", () => pressed("It was not approved", `/api/desk/exports/${one.id}/approve`, {}, "Approved.")));
    acts.push(button("Refuse", () => pressed("It was not refused", `/api/desk/exports/${one.id}/refuse`, {}, "Refused.")));
  }
  if (one.may_fetch) acts.push(make("a", { class: "button", href: `/api/desk/exports/${one.id}/file`, download: true }, "Get the file"));
  return make("li", {}, make("p", {}, make("b", {}, `Chat ${one.handoff}`), ` ${state}. `, one.reason, make("span", {}, `Asked by ${one.asked_by}, ${when(one.asked_at)}.`)), ...acts);
}

async function pressed(failed, path, body, done) {
  if (await telling(failed, async () => { await change(path, body); noTrouble(); await readFiles(); })) say(done);
}

async function placeHold(event) {
  event.preventDefault();
  const body = { reason: $("hold-reason").value, until: $("hold-until").value };
  await telling("It is not on hold", async () => {
    await change(handoffPath($("hold-chat").value, "hold"), body);
    $("hold-form").reset();
    noTrouble();
    await readFiles();
    say("It is on hold.");
  });
}

async function askExport(event) {
  event.preventDefault();
  await telling("It was not asked for", async () => {
    await change(handoffPath($("export-chat").value, "export"), { reason: $("export-reason").value });
    $("export-form").reset();
    noTrouble();
    await readFiles();
    say("Asked. Somebody else must approve it.");
  });
}

async function begin() {
  await telling("The records cannot be read", async () => {
    const me = await read("/api/desk/me");
    useToken(me.csrf);
    [role] = me.roles;
    setText($("me"), `${me.name}, ${role}`);
    show($("to-desk"), role !== "admin");
    await readFiles();
    show($("week"), role === "safeguarding");
    show($("examples"), role === "safeguarding");
    if (role === "safeguarding") await Promise.all([readWeek(), readKept()]);
  });
}

startThemeOnly();
$("trouble-done").onclick = noTrouble;
$("hold-form").addEventListener("submit", placeHold);
$("export-form").addEventListener("submit", askExport);
$("week-choice").addEventListener("change", () => telling("The week cannot be read", () => readWeek($("week-choice").value)));
$("out").onclick = () => telling("You are still signed in", async () => { await remove("/api/desk/session"); location.replace("/desk"); });
begin();
