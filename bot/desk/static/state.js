// What this desk knows, in one place. Modules draw from it when it changed; only what the server said goes in.

export const state = {
  me: null, // {name, roles, languages}
  setup: null, // {limits, outcomes, categories, follow_up, replies}: read once
  presence: "off", // on_shift | on_break | off
  queue: null, // the last answer of GET /api/desk/queue
  openId: null, // id of the handoff that is looked at
  detail: null, // the last answer of GET /api/desk/handoffs/ID, for openId
  gone: false, // openId cannot be read any more
  unread: false, // openId is there, but the last reading of it failed
  lostTo: null, // {words}: somebody else was first
  wentBack: false, // openId was mine and waits again, because nobody wrote in time or the line was gone
  viewers: new Map(), // id of a handoff → [{name, writes}]: who has it open at their desk
  live: "joining", // joining | live | catching | lost
  notLiveSince: null, // server seconds
  asideIds: [], // what the form "aside" is about
  form: null, // lower | transfer | aside | emergency | close: the form that stands where the card is
};

const drawers = [];

/** `draw` runs after each change, in the order of these calls. */
export const drawnBy = (draw) => drawers.push(draw);

export function changed() {
  for (const draw of drawers) draw();
}

export const rows = () => state.queue?.handoffs ?? [];
/** The row of a handoff, also where it stands folded into another one's. */
export const rowOf = (id) => rows().flatMap((row) => [row, ...(row.fold?.members ?? [])]).find((row) => String(row.id) === String(id)) ?? null;

/** A person's name from what the API says about them: text or an object with a name. */
export const nameOf = (person) => (person && typeof person === "object" ? person.name ?? "" : person ?? "");
export const supervises = () => Boolean(state.me?.roles.some((role) => role === "supervisor" || role === "safeguarding"));
export const isMe = (person) => Boolean(state.me) && nameOf(person) === state.me.name;

/** Whether this person serves the language of a locale; while nobody knows, yes. */
export const serves = (locale) => !locale || !state.me?.languages?.length || state.me.languages.includes(locale.split("-")[0].toLowerCase());

/** Colleagues who have this handoff open, without me. */
export const lookers = (id) => (state.viewers.get(String(id)) ?? []).filter((one) => !isMe(one.name));

/** The open handoff, from its own reading first and from its row where that says nothing. */
export function opened() {
  if (state.openId === null) return null;
  const row = rowOf(state.openId) ?? {};
  const detail = state.detail ?? {};
  const brief = detail.brief ?? {};
  // Once it is read, what it does not say is not so: a row of an older queue must not answer for it.
  const sources = state.detail === null ? [row] : [detail, brief];
  const known = (name) => sources.find((source) => name in source)?.[name] ?? null;
  return {
    id: state.openId,
    read: state.detail !== null,
    brief,
    tier: known("tier") ?? "none",
    assessed: known("assessed"),
    state: known("state"),
    locale: known("locale"),
    openedAt: known("opened_at"),
    waitingSince: known("waiting_since"),
    awaySince: known("away_since"),
    awayHow: known("away_how"),
    claimedBy: nameOf(known("claimed_by")),
    claimedAt: known("claimed_at"),
    unansweredSince: known("unanswered_since"),
    silentSince: known("silent_since"),
    eraseAskedAt: known("erase_asked_at"),
    returnedAt: known("returned_at"),
    hold: known("hold"),
    typing: Boolean(known("young_person_typing")),
    numbers: known("numbers"),
    firstWord: known("first_word"),
    offer: known("offer"),
    emergency: known("emergency"),
    setAsideAt: known("set_aside_at"),
    asideAsked: known("aside_asked"),
    wrapUp: known("wrap_up"),
    messages: Array.isArray(detail.messages) ? detail.messages : null,
    notes: detail.notes ?? [],
    history: detail.history ?? [],
  };
}

export const isOpenState = (handoff) => ["waiting", "claimed", "live"].includes(handoff?.state);
export const isMine = (handoff) => ["claimed", "live"].includes(handoff?.state) && isMe(handoff.claimedBy ?? handoff.claimed_by);

/** Quick exit and "end" take the chat from that device; a page that is only hidden may come back and read. */
export const hasLeft = (handoff) => Boolean(handoff?.awaySince) && handoff.awayHow !== "hidden";
export const maySend = (handoff) => state.live === "live" && !state.unread && isMine(handoff) && !hasLeft(handoff);
