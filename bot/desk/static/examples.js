// Examples for triage: what they wrote in a corrected chat, without what tells who they are, and what of it was kept.

import { change, handoffPath, read } from "./api.js";
import { seconds, timeOfDay } from "./clock.js";
import { $, make, say, setText, show } from "./dom.js";
import { noTrouble, telling } from "./trouble.js";
import { CUES, TRIAGE_VERDICTS, cueWords } from "./words.js";

export const VERDICTS = { ...TRIAGE_VERDICTS, lowered: "Tier lowered", raised: "Tier raised" };
const NOTHING = "Tells nothing";
const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

const cuesIn = (cues, none) => cues.map(cueWords).join(", ") || none;

/** The kept ones, and whether more can be kept. */
export async function readKept() {
  const { keeping, examples } = await read("/api/desk/examples");
  show($("examples-off"), !keeping);
  $("examples-kept").replaceChildren(...(examples.length ? examples.map(keptLine) : [make("li", { class: "soft" }, "No example was kept yet.")]));
}

function keptLine(one) {
  const drop = make("button", { type: "button", class: "button plain" }, "Take it out");
  drop.onclick = () => telling("It is still there", async () => {
    await change(`/api/desk/examples/${one.id}/drop`, {});
    noTrouble();
    await readKept();
    say("Taken out.");
  });
  const who = `${VERDICTS[one.verdict] ?? one.verdict}, chat ${one.handoff}. Kept by ${one.staff}, ${WHEN.format(new Date(seconds(one.at) * 1000))} ${timeOfDay(one.at)}.`;
  return make("li", {}, make("p", {}, make("q", { dir: "auto" }, one.text)), make("b", {}, cuesIn(one.cues, NOTHING)), drop, make("p", { class: "told" }, who));
}

/** What they wrote in one chat. The reading is in the audit, and so is its reason. */
export async function openExamples(handoff) {
  const { keeping, lines } = await read(handoffPath(handoff, "examples"));
  setText($("examples-title"), `Examples for triage, chat ${handoff}`);
  $("example-lines").replaceChildren(...(lines.length ? lines.map((line) => candidate(handoff, line, keeping)) : [make("li", { class: "soft" }, "They wrote no words in this chat.")]));
  $("examples").focus();
}

function candidate(handoff, line, keeping) {
  const id = `example-${line.seq}`;
  const text = make("textarea", { id, rows: "2", maxlength: "2000", dir: "auto", disabled: line.kept || !keeping });
  text.value = line.text;
  const label = make("select", { id: `${id}-cue`, disabled: line.kept || !keeping }, make("option", { value: "" }, NOTHING), ...Object.keys(CUES).map((cue) => make("option", { value: cue }, cueWords(cue))));
  label.value = line.suggested[0] ?? "";
  const keep = make("button", { type: "button", class: "button", disabled: line.kept || !keeping }, line.kept ? "Kept" : "Keep");
  keep.append(make("span", { class: "unseen" }, ` message ${line.seq}`));
  keep.onclick = () => telling("It was not kept", async () => {
    await change(handoffPath(handoff, "examples"), { seq: line.seq, text: text.value, cues: label.value ? [label.value] : [] });
    noTrouble();
    await Promise.all([readKept(), openExamples(handoff)]);
    say("Kept.");
  });
  return make("li", {}, make("p", {}, make("label", { for: id }, `Message ${line.seq}`), text),
    line.kept ? make("p", { class: "told" }, "An example already, see below") : make("p", {}, make("label", { for: `${id}-cue` }, "What it tells"), label), keep,
    make("p", { class: "told" }, `Triage heard: ${cuesIn(line.told, "nothing")}${line.quoted ? ". Quoted on the card" : ""}.`));
}
