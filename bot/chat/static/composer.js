// Where the young person types: long words in parts, a note that somebody types, nothing refused and nothing lost.

import { $, hint } from "./page.js";
import { word } from "./words.js";

const LONGEST = 2_000; // characters in one message
const TYPING_EVERY = 3_000; // ms between two notes that the young person types

const say = $("say");
let typedAt = 0;
let kept = "";

/** Makes the composer work: `send(text)` for each part, `typing()` now and then. */
export function installComposer({ send, typing }) {
  const submit = () => {
    const texts = parts(say.value);
    if (!texts.length) return;
    say.value = "";
    hint("");
    texts.forEach(send);
  };
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  say.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  say.addEventListener("input", () => {
    const count = parts(say.value).length;
    hint(count > 1 ? word("long", { count }) : "");
    if (!say.value.trim() || Date.now() - typedAt < TYPING_EVERY) return;
    typedAt = Date.now();
    typing();
  });
  $("draft").addEventListener("click", () => {
    say.value = [kept, say.value].filter(Boolean).join(" ");
    keepDraft("");
    say.focus();
  });
}

/** Puts words back where they can be changed, unless something else is being written there. */
export function writeAgain(text) {
  if (text && !say.value.trim()) say.value = text;
  say.focus();
}

/** Takes a half-written message out of sight after an absence; one press brings it back. */
export function hideDraft() {
  keepDraft([kept, say.value.trim()].filter(Boolean).join(" "));
  say.value = "";
}

/** Forgets everything that was typed. */
export function emptyComposer() {
  keepDraft("");
  say.value = "";
}

function keepDraft(text) {
  kept = text;
  $("draft").hidden = !text;
}

/** Cut at an empty line, a line's end or a space. */
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
