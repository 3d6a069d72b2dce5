// Ids and the words for them. CUES repeats bot/triage/taxonomy.py, most serious first; a test compares the two.

export const CUES = {
  suicide_intent: "Intends to end their life",
  medical_emergency: "Medical emergency",
  held_or_trafficked: "Held, sold or forced, cannot leave",
  violence_now: "Violence now",
  meeting_imminent: "Meeting an online contact now or soon",
  suicidal_ideation: "Thinks of suicide",
  self_harm: "Self-harm",
  sextortion: "Threat to share images or secrets",
  image_shared: "Intimate image sent, taken or posted",
  abuse_disclosure: "Abuse or assault",
  neglect: "No food, care or safe place at home",
  meeting_planned: "Meeting with an online contact arranged or past",
  coercion: "Made or pressed to do things, papers held",
  travel_for_offer: "Travel arranged for an offer or online partner",
  runaway: "Has left home, or is about to",
  harm_to_others: "Intends to hurt somebody",
  grooming_signs: "Signs of grooming",
  offer_red_flags: "Offer with red flags",
  emotional_distress: "Distress",
  eating_disorder: "Eating disorder",
  bullying: "Bullied or harassed",
  wants_human: "Asked for a person",
};

const CUE_ORDER = Object.keys(CUES);

export const cueWords = (cue) => CUES[cue] ?? `${String(cue).replaceAll("_", " ")}`;

/** Sorts cue ids by how serious they are; what the table does not know comes last. */
export function bySeriousness(left, right) {
  const place = (cue) => (CUE_ORDER.includes(cue) ? CUE_ORDER.indexOf(cue) : CUE_ORDER.length);
  return place(left) - place(right);
}

/** Tiers, most urgent first. */
export const TIERS = ["immediate", "high", "elevated", "none"];
export const TIER_WORDS = { immediate: "Immediate", high: "High", elevated: "Elevated", none: "None" };
export const ASSESSED_WORDS = { words_only: "words only", none: "not assessed" };
/** Why a handoff was opened. */
export const CAUSES = { cue: "set by rule", asked: "they asked", not_assessed: "not assessed", late: "we were away", unclear: "unclear answer", language: "another language" };
export const ABOUT_WORDS = { other: "about somebody else", unknown: "not said about whom" };

/** Facts in the order of the card: [short word, what it means]. */
export const FACTS = {
  age_under_13: ["Under 13", "The child is under 13"],
  no_safe_place_tonight: ["Nowhere safe", "No safe place tonight"],
  papers_held: ["Papers held", "Somebody holds their papers"],
  cannot_leave: ["Cannot leave", "They cannot leave where they are"],
  deadline: ["Deadline", "There is a deadline"],
  offender_present: ["Offender there", "Who harms them is there now"],
  past: ["In the past", "It is over, by their words"],
  country: ["Country", "Country"],
};
export const FACT_VALUES = { yes: "yes", no: "no", not_asked: "not asked", skipped: "skipped", unknown: "unknown" };
export const OPEN_VALUES = ["not_asked", "skipped", "unknown"];

export const TRIAGE_VERDICTS = { right: "Right", missed: "Missed this", false_alarm: "False alarm" };

/** What happened to a handoff, in words; `who` is a name or "". */
const EVENTS = {
  opened: () => "Handed over",
  raised: (who) => (who ? `${who} raised the tier` : "The tier rose"),
  lowered: (who) => `${who || "Somebody"} lowered the tier`,
  accepted: (who) => `${who || "Somebody"} took it`,
  live: (who) => `${who || "A person"} joined. They were told.`,
  released: (who) => `${who || "Somebody"} put it back`,
  transferred: (who) => `${who || "Somebody"} passed it on`,
  offered: (who) => `${who || "Somebody"} offered it to a colleague`,
  offer_withdrawn: (who) => `${who || "Somebody"} took the offer back`,
  offer_refused: (who) => `${who || "Somebody"} cannot take it`,
  taken_over: (who) => `${who || "A supervisor"} took it over. They were told.`,
  emergency_opened: (who) => `${who || "Somebody"} opened the emergency record`,
  asked_where: (who) => `${who || "Somebody"} asked where they are`,
  unreached: (who) => `${who || "Somebody"} could not reach anybody. A supervisor must confirm it`,
  unreached_confirmed: (who) => `${who || "A supervisor"} confirmed that nobody could be reached`,
  needs_help: (who) => `${who || "Somebody"} called for help`,
  whispered: (who) => `${who || "A supervisor"} whispered`,
  held_back: (who) => `A message of ${who || "somebody"} was held back`,
  sent_anyway: (who) => `${who || "Somebody"} sent it anyway`,
  set_aside_asked: (who) => `${who || "A supervisor"} wants to set it aside`,
  set_aside: (who) => `${who || "A supervisor"} set it aside`,
  taken_up: (who) => `${who || "Somebody"} took it up again`,
  late: () => "Nobody took it in time. Supervisors were alarmed",
  claim_ran_out: () => "Nobody wrote in time. Back at its old place",
  unanswered: () => "They were not answered in time. Back at its old place",
  holder_gone: () => "The desk's line was gone. Back at its old place",
  asked_not_now: () => "They said “not now”. It stays open",
  declined: () => "They said “not now”",
  left_exit: () => "They left by quick exit",
  left_end: () => "They ended the chat",
  left_hidden: () => "They hid the page",
  erase_asked: () => "Erase was asked",
  first_word: (who) => `${who || "Somebody"} sent a first word`,
  read_by_reason: (who) => `${who || "Somebody"} gave a reason to read`,
  came_back_by_code: () => "They came back by code. Check that it is them",
  oncall_told: () => "Nobody was here: the contact on call was told",
  oncall_failed: () => "Nobody was here, and the contact on call was not reached",
  hold_placed: (who) => `${who || "Somebody"} put it on a legal hold`,
  hold_ended: (who) => `${who || "Somebody"} ended the legal hold`,
  export_asked: (who) => `${who || "Somebody"} asked for an export`,
  export_approved: (who) => `${who || "Somebody"} approved the export`,
  export_refused: (who) => `${who || "Somebody"} refused the export`,
  closed: (who) => `${who || "Somebody"} closed it`,
};

export function eventWords(kind, who) {
  return EVENTS[kind] ? EVENTS[kind](who) : `${String(kind).replaceAll("_", " ")}${who ? `, ${who}` : ""}`;
}

function named(type, code, inWords) {
  try {
    return new Intl.DisplayNames([inWords], { type }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A language named in itself: "Magyar" for "hu". */
export function languageWords(locale) {
  if (!locale) return "";
  const word = named("language", locale, locale);
  return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
}

export const countryWords = (code) => (/^[A-Za-z]{2}$/.test(code) ? named("region", code.toUpperCase(), "en") : code);
