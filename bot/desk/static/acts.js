// The buttons under the brief: what can be done with the open handoff in one press.

import { Refused, change, handoffPath, serverNow } from "./api.js";
import { timeOfDay } from "./clock.js";
import { $, make, say, show } from "./dom.js";
import { toBox } from "./composer.js";
import { act, actAndLeave } from "./doing.js";
import { openForm } from "./forms.js";
import { goTo } from "./panes.js";
import { readOpen, readQueue } from "./reading.js";
import { changed, hasLeft, isMe, isMine, isOpenState, opened, state, supervises } from "./state.js";
import { noTrouble, telling } from "./trouble.js";
import { TIERS, TIER_WORDS } from "./words.js";

export function drawActs() {
  const handoff = opened();
  if (handoff === null) return;
  const live = state.live === "live";
  const mine = isMine(handoff);
  const usable = isOpenState(handoff) && !state.gone; // also when its brief cannot be read: somebody must be able to take it
  const waits = usable && handoff.state === "waiting";
  const buttons = {
    accept: usable && !mine && !(supervises() && !waits && !offeredToMe(handoff) && takesChats()),
    "first-word": waits && handoff.tier === "immediate" && !handoff.firstWord && !handoff.setAsideAt && !hasLeft(handoff),
    emergency: (mine || supervises()) && !state.gone && (handoff.tier === "immediate" || Boolean(handoff.emergency)),
    raise: usable && handoff.tier !== "immediate",
    lower: usable && (mine || supervises()),
    "take-over": usable && !mine && !waits && takesChats() && supervises() && !offeredToMe(handoff),
    transfer: usable && mine && !handoff.offer,
    withdraw: usable && Boolean(handoff.offer) && (mine || offeredToMe(handoff)),
    aside: waits && !handoff.setAsideAt && (supervises() || (handoff.asideAsked && !isMe(handoff.asideAsked.staff))),
    "take-up": waits && Boolean(handoff.setAsideAt),
    release: usable && mine,
    "to-bot": usable && mine,
    close: usable && (mine || supervises()),
  };
  for (const [id, shown] of Object.entries(buttons)) {
    show($(id), shown && state.form === null);
    $(id).disabled = !live;
  }
  drawAccept(handoff, live);
  $("aside").textContent = handoff.asideAsked && !isMe(handoff.asideAsked.staff) ? "Agree: set aside" : "Set aside";
  $("withdraw").textContent = mine ? "Take the offer back" : "Not now";
  $("lower").disabled = !live || handoff.tier === "none";
  $("acts").classList.toggle("mine", mine);
}

const takesChats = () => state.me?.roles.includes("supervisor") ?? false;

export const offeredToMe = (handoff) => Boolean(handoff.offer) && isMe(handoff.offer.to);

function drawAccept(handoff, live) {
  const offered = offeredToMe(handoff);
  const taken = (handoff.state === "claimed" || handoff.state === "live") && !offered;
  $("accept").disabled = !live || taken;
  const words = !live ? "Off until live again" : taken ? `${handoff.claimedBy || "Somebody"} has this chat` : null;
  const take = offered ? "Take it over " : "Accept this chat ";
  $("accept").replaceChildren(...(words ? [words] : [take, make("kbd", {}, "A")]));
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

export async function raise() {
  const handoff = opened();
  if (handoff === null || $("raise").hidden || $("raise").disabled) return;
  const tier = TIERS[TIERS.indexOf(handoff.tier) - 1];
  if (await act("The tier was not raised", "tier", { tier, reason: "" })) say(`Raised to ${TIER_WORDS[tier]}.`);
}

/** The reviewed safety line to somebody who waits at `immediate`, without taking the chat. */
export async function firstWord() {
  if (opened() === null || $("first-word").hidden || $("first-word").disabled) return;
  if (await act("The first word was not sent", "first-word")) say("The first word is sent. You see their answer here.");
}

async function withdraw() {
  const mine = isMine(opened());
  if (await act("The offer still stands", "withdraw")) say(mine ? "The offer is taken back." : "They know that you cannot take it.");
}

const usable = (name) => opened() !== null && !$(name).hidden && !$(name).disabled;

/** A supervisor takes the chat in one press; the young person is told, and stays with a person. */
export async function takeOver() {
  if (usable("take-over") && (await act("It was not taken over", "take-over"))) {
    say("This chat is yours. They were told.");
    toBox("reply");
  }
}

async function takeUp() {
  const handoff = opened();
  await telling("It was not taken up", async () => {
    await change("/api/desk/take-up", { handoffs: [Number(handoff.id)] });
    await Promise.all([readOpen(), readQueue()]);
    say("Back at its old place.");
  });
}

export async function release() {
  if (usable("release")) await actAndLeave("It was not put back", "release", undefined, "Put back at its old place.");
}

export async function toBot() {
  if (usable("to-bot")) await actAndLeave("It was not given back", "return-to-bot", undefined, "The bot has this chat again. They were told.");
}

export function startActs() {
  $("accept").onclick = accept;
  $("first-word").onclick = firstWord;
  $("raise").onclick = raise;
  $("withdraw").onclick = withdraw;
  $("take-over").onclick = takeOver;
  $("release").onclick = release;
  $("to-bot").onclick = toBot;
  $("take-up").onclick = takeUp;
  $("aside").onclick = () => { state.asideIds = [Number(state.openId)]; openForm("aside"); };
  for (const name of ["lower", "transfer", "emergency", "close"]) $(name).onclick = () => openForm(name);
  $("trouble-done").onclick = noTrouble;
}
