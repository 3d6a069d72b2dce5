// Who holds the other end: the strip below the exit, with the way to a person always at the same place.

import { whenOpen, word } from "./words.js";
import { el } from "./elements.js";

const RECHECK = 30_000; // ms
const ANSWER_DUE = 6_000; // ms until the button is pressable again when no status came

export class Strip {
  /** `ask()` and `stop()` are what the button does. */
  constructor({ ask, stop }) {
    this.who = document.getElementById("who");
    this.name = document.getElementById("who-name");
    this.note = document.getElementById("who-note");
    this.button = document.getElementById("person");
    this.status = null;
    this.connected = true;
    this.button.addEventListener("click", () => {
      const waiting = this.status?.mode === "waiting";
      this.#busy(word(waiting ? "stopping" : "asking"));
      (waiting ? stop : ask)();
    });
    setInterval(() => this.#ageHand(), RECHECK);
  }

  setStatus(status) {
    this.status = status;
    this.checkedAt = Date.now();
    this.free();
  }

  setConnected(connected) {
    this.connected = connected;
    this.#draw();
  }

  /** The server answered, or could not be reached: the button can be pressed again. */
  free() {
    clearTimeout(this.timer);
    this.button.removeAttribute("aria-disabled");
    this.#draw();
  }

  /** How long ago the wait was read, in ms; undefined while not waiting. */
  get age() {
    return this.status?.mode === "waiting" ? Date.now() - this.checkedAt : undefined;
  }

  /** The line at the end of the chat that says how the wait stands, or null. */
  hand() {
    if (this.status?.mode !== "waiting") return null;
    if (this.status.people === "none") return this.#closedNotice();
    this.checked = el("small");
    this.#ageHand();
    const text = el("p", { children: [el("span", { text: this.#place() }), this.checked] });
    return el("div", { className: "turn hand tail", children: [text] });
  }

  #place() {
    const { position } = this.status;
    if (!position) return word("in_line");
    if (position <= 2) return word(position === 1 ? "next" : "next_but_one");
    return word("before", { count: position - 1 });
  }

  #closedNotice() {
    const box = el("div", { className: "notice" });
    box.append(el("p", { children: [el("b", { text: word("closed_title") })] }));
    const back = this.status.next_open === undefined ? "" : word("closed_back", { when: whenOpen(this.status.next_open) });
    box.append(el("p", { text: `${word("closed_told")} ${back}`.trim() }), el("p", { text: word("closed_text") }));
    return el("div", { className: "turn hand closed tail", children: [box] });
  }

  #ageHand() {
    if (!this.checked || this.age === undefined) return;
    const minutes = Math.floor((this.age + 15_000) / 60_000);
    this.checked.textContent = minutes < 1 ? word("checked_now") : word(minutes === 1 ? "checked_one" : "checked", { count: minutes });
  }

  #draw() {
    const mode = this.status?.mode ?? "opening";
    const [kind, name, note] = this.connected ? this.#holder(mode) : ["gone", word("lost"), word("lost_note")];
    this.who.className = `who ${kind}`;
    this.name.textContent = name;
    this.note.textContent = note;
    this.button.textContent = word(mode === "waiting" ? "stop" : "ask");
    this.button.classList.toggle("plain", mode === "waiting");
    this.button.hidden = mode === "live" || mode === "closed";
  }

  #holder(mode) {
    if (mode !== "waiting") this.told = null;
    if (mode === "live") return ["person", this.status.person || word("a_person"), word("person_note")];
    if (mode === "waiting") return ["next", word("asked"), this.#wait()];
    if (mode === "opening") return ["gone", word("opening_name"), word("opening_note")];
    return ["bot", word("bot"), word("bot_note")];
  }

  #wait() {
    const { people, wait_minutes: now } = this.status;
    // What was shown never shrinks back: hope that comes and goes is worse than a long wait.
    const wait = now && now.map((minutes, end) => Math.max(minutes, this.told?.[end] ?? 0));
    this.told = wait ?? this.told;
    if (people === "none") return word("asked_none");
    if (wait) return word(wait[0] === wait[1] ? "wait_one" : "wait", { low: wait[0], high: wait[1] });
    return word(people === "busy" ? "asked_busy" : "asked_note");
  }

  #busy(text) {
    this.button.textContent = text;
    this.button.setAttribute("aria-disabled", "true");
    this.timer = setTimeout(() => this.free(), ANSWER_DUE);
  }
}
