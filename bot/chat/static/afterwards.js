// After "End chat": two questions that nobody must answer, and where to turn later.

import { el, services } from "./elements.js";
import { $ } from "./page.js";
import { call, NoLine } from "./transport.js";
import { word } from "./words.js";

/** Shows what the server answered to the end of a chat; nothing where it answered nothing. */
export function showAfterwards(answer) {
  if (!answer?.later) return;
  const question = el("div", { className: "asked" });
  const elsewhere = $("numbers").querySelector(".elsewhere").cloneNode(true);
  const text = el("p", { dir: "auto", text: answer.later.text });
  const later = el("div", { className: "later", children: [text, elsewhere, services(answer.later.resources)] });
  $("after").replaceChildren(question, later);
  $("after").hidden = false;
  if (answer.after) ask(question, answer.after);
  else question.remove();
}

/** Puts a question with its choices in the place of the one before. */
function ask(place, { ticket, text, options }, { focus = false } = {}) {
  const lines = text.map((line) => el("p", { dir: "auto", text: line }));
  const state = el("p", { className: "small" });
  state.setAttribute("role", "status");
  const buttons = options.map(({ title, payload }) => {
    const button = el("button", { className: "button", type: "button", text: title });
    button.addEventListener("click", () => press(place, { ticket, option: payload }, buttons, state));
    return button;
  });
  place.replaceChildren(...lines, ...(buttons.length ? [el("div", { className: "options", children: buttons })] : []), state);
  if (!focus) return;
  lines[0].tabIndex = -1;
  lines[0].focus();
}

async function press(place, body, buttons, state) {
  for (const button of buttons) button.disabled = true;
  try {
    const { status, body: answer } = await call("POST", "/api/chat/after", { body });
    if (status < 300 && answer?.after) ask(place, answer.after, { focus: true });
    else place.remove(); // not open any more: nobody has to hear of it
  } catch (error) {
    if (!(error instanceof NoLine)) throw error;
    for (const button of buttons) button.disabled = false;
    state.textContent = word("failed");
  }
}
