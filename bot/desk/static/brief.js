// The brief: one card in one order, made of what is stored. What is missing says so; nothing is guessed.

import { day, lasted, seconds, silentSince, timeOfDay } from "./clock.js";
import { $, drawOnce, icon, key, make, setText, show } from "./dom.js";
import { awayWords } from "./queue.js";
import { isMe, isMine, isOpenState, lookers, opened, serves, state, supervises } from "./state.js";
import { jumpTo } from "./transcript.js";
import {
  ABOUT_WORDS, ASSESSED_WORDS, CAUSES, FACTS, FACT_VALUES, OPEN_VALUES, TIERS, TIER_WORDS, bySeriousness, countryWords, cueWords, languageWords,
} from "./words.js";

/** Until the chat goes back to the queue, by the policy: "1:00"; "" until that was read. */
const limitWords = (kind, tier) => (state.setup === null ? "" : `, limit ${lasted(0, state.setup.limits[kind][tier])}`);

const CUTS = 4; // from this step on something is cut
const CLOSEST = 7;
const NUMBERS = 2; // the emergency number and one more; they must not push the card away
const ALSO = 3; // further reasons on the card; the rest is counted

export function drawBrief() {
  const handoff = opened();
  if (handoff === null) return;
  drawPlate(handoff);
  drawBanners(handoff);
  drawViewers(handoff);
  drawOnce($("card"), [handoff.id, handoff.read, state.unread, handoff.brief, handoff.locale, handoff.messages !== null, counted(handoff)], () => {
    $("card").replaceChildren(...(handoff.read ? card(handoff) : [state.unread ? unreadable() : ghost()]));
    fit();
  });
  show($("card"), state.form === null);
  if (state.form !== null) show($("show-all"), false);
  drawNumbers(handoff);
}

const ghost = () => make("div", { class: "ghost", "aria-busy": "true" }, make("span"), make("span"), make("span"), make("p", {}, "Reading the brief…"));

const unreadable = () => make("p", { class: "unread" }, make("b", {}, "The brief cannot be read now."),
  " It is tried again by itself. You can accept this chat without it.");

function drawPlate(handoff) {
  const tier = TIERS.includes(handoff.tier) ? handoff.tier : "none";
  $("plate").className = `plate ${tier}`;
  $("plate-shape").setAttribute("class", tier === "immediate" ? "solid" : "");
  $("plate-shape").firstElementChild.setAttribute("href", `#t-${tier}`);
  setText($("plate-tier"), TIER_WORDS[tier]);
  const since = timeOfDay(handoff.openedAt);
  setText($("plate-since"), [since && `since ${since}`, ASSESSED_WORDS[handoff.assessed] ?? CAUSES[handoff.brief.cause]].filter(Boolean).join(", "));
  drawPlateClock(handoff, tier);
}

/** Waiting counts from the queue's place; live counts what is unanswered, against its limit, or since when they are silent. */
function drawPlateClock(handoff, tier) {
  const clock = $("plate-clock");
  const set = (since, words) => {
    if (since === null) delete clock.dataset.since;
    else clock.dataset.since = since;
    setText($("plate-clock-words"), stopped() ?? words);
  };
  const fixed = (text, words) => { set(null, words); setText(clock, text); };
  if (handoff.awaySince && handoff.awayHow !== "hidden") fixed(timeOfDay(handoff.awaySince), "left");
  else if (handoff.state === "closed") fixed("", "closed");
  else if (handoff.state === "declined") fixed("", "said “not now”");
  else if (handoff.state === "live" && handoff.unansweredSince) set(seconds(handoff.unansweredSince), `unanswered${limitWords("unanswered", tier)}`);
  else if (silentSince(handoff) !== null) set(silentSince(handoff), "they went silent");
  else if (handoff.state === "live") fixed("", isMine(handoff) ? "live with you" : `with ${handoff.claimedBy}`);
  else if (isMine(handoff) && handoff.claimedAt) set(seconds(handoff.claimedAt), `write first${limitWords("claim", tier)}`);
  else set(seconds(handoff.waitingSince), "waiting");
}

const stopped = () => (state.notLiveSince === null ? null : `clock stopped ${timeOfDay(state.notLiveSince)}`);

function drawBanners(handoff) {
  const lines = [];
  if (state.lostTo) lines.push(["", `${state.lostTo.words}`, "You can take the next one."]);
  else if (handoff.offer && isMe(handoff.offer.to)) lines.push(["", `${handoff.offer.from} wants to pass this chat on to you.`, `Read the card, the words and the notes. ${handoff.claimedBy} stays until you take it.`]);
  else if (handoff.offer && isMine(handoff)) lines.push(["", `Offered to ${handoff.offer.to} at ${timeOfDay(handoff.offer.at)}.`, "You keep this chat until they take it."]);
  else if (handoff.read && isOpenState(handoff) && handoff.state !== "waiting" && !isMine(handoff)) {
    const since = timeOfDay(handoff.claimedAt);
    lines.push(["", `${handoff.claimedBy || "Somebody"} has this chat${since ? ` since ${since}` : ""}.`, supervises() ? "You can watch, whisper, or take over." : "You can take the next one."]);
  }
  if (handoff.setAsideAt && handoff.state === "waiting") lines.push(["", `Set aside at ${timeOfDay(handoff.setAsideAt)}.`, "It keeps its place. The bot goes on. Anybody can take it up again."]);
  else if (handoff.asideAsked) lines.push(["", `${handoff.asideAsked.staff} wants to set this aside: ${handoff.asideAsked.reason}`, isMe(handoff.asideAsked.staff) ? "Somebody else must agree first." : "Read it first. Agree only if you are sure."]);
  if (state.wentBack && handoff.state === "waiting") lines.push(["", "This chat went back to its place in the queue.", "Your draft is kept. Accept it to go on."]);
  if (state.gone) lines.push(["", "This chat is not here any more.", "It was closed or erased. Pick another one, or press Next."]);
  else if (handoff.state === "closed") lines.push(["", "This chat is closed.", "Pick another one, or press Next."]);
  else if (handoff.state === "declined") lines.push(["", "They said “not now”.", "They are with the bot. They can ask again at any time."]);
  if (handoff.awaySince) {
    const more = handoff.awayHow === "hidden" ? "They may come back to the page and read." : "We send nothing to that device. The chat stays open in case they return.";
    lines.push(["left", `${awayWords(handoff.awayHow, handoff.awaySince)}.`, more]);
  }
  if (handoff.returnedAt) lines.push(["", `Came back by code at ${timeOfDay(handoff.returnedAt)}: check that it is them.`, "Whoever has the three words gets the chat. They see none of what was said."]);
  if (handoff.eraseAskedAt) lines.push(["left", `Erase asked at ${timeOfDay(handoff.eraseAskedAt)}, perhaps not by them.`, handoff.hold ? "It is on a legal hold: it is erased when the hold ends." : "It is erased when you close it."]);
  else if (handoff.hold) lines.push(["", `On a legal hold until ${day(handoff.hold.until)}.`, "It is not deleted before that day."]);
  drawOnce($("banners"), lines, () => {
    $("banners").replaceChildren(...lines.map(([kind, strong, rest]) =>
      make("p", { class: `banner ${kind}`, role: "status" }, make("b", {}, strong), ` ${rest}`)));
  });
}

/** "Sam is looking at this." Who has the chat is said elsewhere; here they stand only while they write. */
function drawViewers(handoff) {
  const here = lookers(handoff.id);
  const lines = here.map((one) => `${one.name} is ${one.writes ? "writing" : "looking at this"}.`);
  show($("viewers"), lines.length > 0);
  setText($("viewers"), lines.join(" "));
}

/** The parts of the card, always in this order: why, also, wants, told, answers. */
function card(handoff) {
  const reasons = [...(handoff.brief.reasons ?? [])].sort((left, right) => bySeriousness(left.cue, right.cue));
  return [
    part("Why", why(reasons[0], handoff), "why"),
    part("Also", also(reasons.slice(1))),
    part("In short", make("p", { class: "summary" }, handoff.brief.wants || handoff.brief.summary || "Not said")),
    part("Told", told(handoff.brief.said ?? {})),
    part("Answers", answers(handoff), "answers"),
  ];
}

const part = (title, content, kind) => make("div", kind ? { class: kind } : {}, make("dt", {}, title), make("dd", {}, ...[content].flat()));

function why(reason, handoff) {
  if (!reason) return make("b", {}, handoff.assessed === "none" ? "Not assessed. Please read it." : "No cue was heard. Please read it.");
  const about = ABOUT_WORDS[reason.about];
  const heading = make("b", {}, cueWords(reason.cue), about ? make("small", {}, `, ${about}`) : null);
  if (!reason.quote) return [heading, make("p", { class: "src" }, timeOfDay(reason.at))];
  const readable = handoff.messages !== null && (reason.seqs ?? []).length > 0;
  const words = readable ? jump(reason, make("a", { href: `#m${reason.seqs[0]}`, dir: "auto", class: "quote" }, reason.quote)) : make("span", { dir: "auto" }, reason.quote);
  const source = make("p", { class: "src" }, make("time", {}, timeOfDay(reason.at)), " their words");
  if (readable) source.append(" · ", jump(reason, make("a", { href: `#m${reason.seqs[0]}` }, "see it in the chat")), " ", key("Q"));
  return [heading, make("blockquote", { class: reason.quote.length > 70 ? "long" : false }, words), source];
}

function jump(reason, link) {
  link.onclick = (event) => { event.preventDefault(); jumpTo(reason); };
  return link;
}

function also(reasons) {
  if (reasons.length === 0) return make("p", { class: "soft" }, "No other reason");
  const list = reasons.slice(0, ALSO).map((reason) =>
    make("li", {}, cueWords(reason.cue), reason.quote ? make("q", { dir: "auto" }, reason.quote) : null, make("time", {}, timeOfDay(reason.at))));
  if (reasons.length > ALSO) list.push(make("li", { class: "soft" }, `and ${reasons.length - ALSO} more: ${reasons.slice(ALSO).map((reason) => cueWords(reason.cue)).join(", ")}`));
  return make("ul", { class: "also" }, ...list);
}

/** What the young person was told, as facts. Each value may be a yes, a time, the words themselves, or nothing. */
function told(said) {
  const items = [
    ["It is a bot", said.disclosed_bot],
    ["Who is told", said.confidentiality],
    ["Numbers", said.numbers_given],
    ["Wait", said.wait_quoted],
  ];
  return make("ul", { class: "ticks" }, ...items.map(([title, value]) => tickLine(title, value)));
}

function tickLine(title, value) {
  const given = Array.isArray(value) ? value.length > 0 : Boolean(value);
  const { at, words } = givenWords(value);
  if (!given) return make("li", { class: "open" }, icon("i-no"), make("span", {}, title), make("b", {}, value === undefined ? "unknown" : "not told"));
  return make("li", {}, icon("i-yes"), make("span", {}, words ? `${title}: ${words}` : title), at ? make("time", {}, timeOfDay(at)) : null);
}

function givenWords(value) {
  if (value === true || value === null || value === undefined) return {};
  if (typeof value === "number") return value > 1e6 ? { at: value } : { words: String(value) };
  if (typeof value === "string") return { words: value };
  if (Array.isArray(value)) {
    const range = value.length === 2 && value.every((part) => typeof part === "number");
    return { words: range ? `${value[0]} to ${value[1]} min` : `${value.length} given: ${value.map((part) => part?.name ?? part?.contact ?? part).join(", ")}` };
  }
  const version = value.version ? `v${value.version}` : undefined;
  const inner = value.wait ?? value.numbers ?? version ?? value.text ?? value.minutes;
  return { at: value.at, words: givenWords(inner).words };
}

const counted = (handoff) => handoff.brief.wrote ?? handoff.messages?.filter((message) => message.sender === "young_person").length ?? null;

function answers(handoff) {
  const facts = handoff.brief.facts ?? {};
  const lines = Object.entries(FACTS).map(([id, [short, means]]) => {
    const value = facts[id]?.value ?? facts[id] ?? "not_asked";
    const open = OPEN_VALUES.includes(value);
    const words = FACT_VALUES[value] ?? (id === "country" ? countryWords(String(value)) : String(value));
    return make("li", { class: open ? "open" : false, title: means }, short, make("b", {}, words));
  });
  lines.push(make("li", {}, "Language", make("b", {}, languageWords(handoff.locale) || "unknown", serves(handoff.locale) ? "" : ", not your language")));
  const wrote = counted(handoff);
  const last = timeOfDay(handoff.brief.wrote_last);
  if (wrote !== null) lines.push(make("li", {}, "Wrote", make("b", {}, `${wrote} ${wrote === 1 ? "time" : "times"}${last && `, last ${last}`}`)));
  return make("ul", { class: "facts" }, ...lines);
}

/** At 1366x768 nothing on the card scrolls: each step sets it closer; from `CUTS` on they cut, the summary before their words. */
function fit() {
  const body = $("card");
  if ($("brief").dataset.fit === "all" && body.dataset.of === String(state.openId)) return;
  body.dataset.of = String(state.openId);
  const wide = matchMedia("(min-width: 80em)").matches;
  show($("show-all"), false);
  $("brief").dataset.fit = "0";
  for (let step = 1; wide && step <= CLOSEST && body.scrollHeight > body.clientHeight + 1; step += 1) {
    $("brief").dataset.fit += ` ${step}`;
    show($("show-all"), step >= CUTS); // its line takes room as well
  }
}

/** Banners, forms and the window take room from the card: it is fitted again whenever its own size changes. */
export function startBrief() {
  new ResizeObserver(fit).observe($("card"));
  $("show-all").onclick = showAll;
}

function showAll() {
  $("brief").dataset.fit = "all";
  show($("show-all"), false);
}

function drawNumbers(handoff) {
  const numbers = (handoff.numbers ?? []).filter((service) => service?.contact && (service.kind ?? "phone") === "phone");
  if (numbers.length === 0) return; // the page comes with 112
  drawOnce($("numbers"), numbers, () => {
    $("numbers").replaceChildren(...numbers.slice(0, NUMBERS).flatMap((service, at) =>
      [at > 0 ? " · " : "", service.name ? `${service.name} ` : "", make("b", {}, service.contact)]));
  });
}
