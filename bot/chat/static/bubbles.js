// What somebody said, as an element: who, the words, services to call and options to press.

import { el, services } from "./elements.js";
import { word } from "./words.js";

const CLASSES = { young_person: "you", bot: "bot", counsellor: "person", system: "system" };

/** Who speaks, in the page's words. */
export function speaker({ sender, name }) {
  if (sender === "counsellor") return name || word("a_person");
  return word(sender === "young_person" ? "you" : "bot");
}

/** The line above the words that says who speaks. */
export function label(message) {
  const line = el("p", { className: "speaker", dir: "auto", text: speaker(message) });
  if (message.sender !== "counsellor") line.dataset.word = message.sender === "young_person" ? "you" : "bot";
  if (message.sender === "counsellor" && message.name) line.append(" ", el("span", { text: `· ${word("person")}` }));
  return line;
}

/** One message as a turn of the conversation; `press(option, event)` is what its options do. */
export function turnOf(message, press) {
  const turn = el("div", { className: `turn ${CLASSES[message.sender] ?? "bot"}` });
  if (message.sender !== "system") turn.append(label(message));
  const text = el("div", { className: "text" });
  for (const part of (message.text ?? "").split(/\n\s*\n/)) {
    if (part.trim()) text.append(el("p", { dir: "auto", text: part.trim() }));
  }
  if (text.childElementCount) turn.append(text);
  if (message.resources?.length) turn.append(services(message.resources));
  if (message.options?.length) turn.append(options(message.options, press));
  return turn;
}

function options(all, press) {
  const box = el("div", { className: "options" });
  for (const option of all) {
    const button = el("button", { className: "button", type: "button", dir: "auto", text: option.title });
    button.addEventListener("click", (event) => press(option, event));
    box.append(button);
  }
  return box;
}
