// The conversation as it stands on the screen, in the order of the server's sequence numbers. Own words that the server
// does not have yet stand last. What is about now and not about then (the wait, typing, a lost line) is its tail.

import { label, speaker, turnOf } from "./bubbles.js";
import { el, icon, services } from "./elements.js";
import { announce } from "./voice.js";
import { word } from "./words.js";

const NEAR = 160; // px from the end that still count as reading the newest line
const TYPING_STAYS = 5_000; // ms; dots never move for longer (WCAG 2.2.2)

export class Transcript {
  /** `press(option)`, `retry()` and `edit(item)` are what the buttons in it do; `newer(shown)` says that a new line is out of view. */
  constructor(log, { press, retry, edit, newer }) {
    Object.assign(this, { log, press, retry, edit, newer });
    this.known = new Set();
    this.own = new Map();
    this.helps = new Map();
    this.tail = {};
    this.header = document.querySelector(".top");
    this.readUpto = 0;
    this.following = true; // the reader is at the end, and stays there whatever grows
    this.top = 0;
    addEventListener(
      "scroll",
      () => {
        const end = this.#atEnd();
        if (scrollY > this.top) this.following ||= end;
        else if (scrollY < this.top && !this.#atEnd(2)) this.following = false; // else the page only became shorter
        this.top = scrollY;
        if (end) this.newer(false);
      },
      { passive: true },
    );
    new ResizeObserver(() => this.following && !this.log.hidden && this.toEnd()).observe(this.log.parentElement);
  }

  /** Shows a message of the server once. `quiet`: it is old, nobody reads it out. */
  show(message, { quiet = false } = {}) {
    if (this.known.has(message.seq)) return;
    this.known.add(message.seq);
    if (message.sender === "young_person" || message.sender === "counsellor") this.#clearOptions();
    const mine = message.client_id && this.own.get(message.client_id);
    if (mine) {
      this.mark({ ...mine.item, seq: message.seq, state: "sent" });
      this.#place(mine.turn, message.seq);
      return;
    }
    if (!message.text && !message.options?.length && !message.resources?.length) return;
    this.#keepEnd(() => {
      const turn = turnOf(message, this.press);
      if (message.sender === "counsellor") this.#personSpeaks(message, turn, quiet);
      turn.dataset.seq = message.seq;
      this.#place(turn, message.seq);
      const person = this.#personBefore(turn);
      if (message.sender === "young_person") turn.classList.toggle("held", person);
      else this.typing(false);
      this.#dropDoubles();
      if (message.sender === "system" && this.live && !quiet && !person) turn.classList.add("join");
      return turn;
    }, quiet);
    if (!quiet && message.sender !== "young_person") {
      announce(message.sender === "system" ? message.text : `${speaker(message)}: ${message.text}`);
    }
  }

  /** Shows own words at once, before the server has them. */
  add(item) {
    this.#clearOptions();
    const turn = turnOf({ sender: "young_person", text: item.text ?? item.title });
    turn.classList.add("pending");
    const note = el("p", { className: "sent" });
    turn.append(note);
    this.own.set(item.client_id, { item, turn, note });
    this.log.querySelectorAll(".sent.done").forEach((old) => old.remove());
    this.log.insertBefore(turn, this.#tailStart());
    turn.classList.toggle("held", this.#personBefore(turn));
    this.toEnd();
    this.mark(item);
  }

  /** Says below own words how their sending stands. */
  mark(item) {
    const mine = this.own.get(item.client_id);
    if (!mine || mine.done) return;
    const { turn, note } = mine;
    mine.done = item.state === "sent";
    turn.classList.toggle("lost", item.state === "unsent" || item.state === "refused");
    turn.classList.toggle("pending", item.state !== "sent");
    note.classList.toggle("done", item.state === "sent");
    if (item.state === "sent") {
      if (item.seq) turn.dataset.seq = item.seq;
      note.replaceChildren(word("sent"));
      note.dataset.word = "sent";
      const latest = [...this.log.querySelectorAll(".turn.you")].at(-1);
      if (turn !== latest) note.remove();
    } else if (item.state === "sending") {
      note.replaceChildren(word("sending"));
    } else {
      const edit = item.state === "refused";
      const button = el("button", { className: "button plain", type: "button" });
      button.append(icon("retry"), word(edit ? "edit" : "again"));
      button.addEventListener("click", () => (edit ? this.#takeBack(item) : this.retry()));
      note.replaceChildren(el("b", { text: word("unsent") }), button);
      if (edit && item.reason) note.prepend(el("span", { text: item.reason }));
    }
  }

  /** Shows help that came with an answer, below the words that it answers; the same help is moved, not doubled. */
  help({ text, resources }, item) {
    const key = JSON.stringify([text, resources]);
    const before = this.helps.get(key);
    const turn = before ?? turnOf({ sender: "bot", text, resources });
    turn.classList.add("help");
    // A newer answer took its services over; here they are the newest again.
    if (resources?.length && !turn.querySelector(".numbers")) turn.append(services(resources));
    this.helps.set(key, turn);
    const mine = item && this.own.get(item.client_id)?.turn;
    this.#keepEnd(() => {
      if (mine?.isConnected) mine.after(turn);
      else this.log.insertBefore(turn, this.#tailStart());
      this.#dropDoubles(); // the stream may have brought the whole answer before the post brought this
      return turn;
    });
    if (!before) announce(`${word("bot")}: ${text}`);
  }

  /** A line of the page itself, such as "You have your place back". */
  line(text, { quiet = false } = {}) {
    const turn = turnOf({ sender: "system", text });
    this.#keepEnd(() => {
      this.log.insertBefore(turn, this.#tailStart());
      return turn;
    }, quiet);
    if (!quiet) announce(text);
  }

  /** Puts, changes or (null) removes one part of the tail: `gap`, `hand` or `opening`. */
  setTail(name, node) {
    const before = this.tail[name];
    if (!before && !node) return;
    before?.remove();
    this.tail[name] = node;
    for (const part of ["opening", "gap", "hand", "typing"]) if (this.tail[part]) this.log.append(this.tail[part]);
    if (this.following) this.toEnd();
  }

  /** Shows that a person types, for five seconds at most. */
  typing(on, name) {
    clearTimeout(this.typingTimer);
    if (!on) {
      this.setTail("typing", null);
      return;
    }
    if (!this.tail.typing) {
      const dots = el("p", { className: "dots", children: [el("span", { className: "unseen", text: word("typing", { name }) })] });
      dots.append(el("i"), el("i"), el("i"));
      const turn = el("div", { className: "turn person tail" });
      turn.append(label({ sender: "counsellor", name }), dots);
      this.setTail("typing", turn);
    }
    this.typingTimer = setTimeout(() => this.setTail("typing", null), TYPING_STAYS);
  }

  /** A person holds the line, or no longer does; what the bot asked before is then nobody's question any more. */
  setLive(live) {
    if (live && !this.live) this.#clearOptions();
    this.live = live;
    const last = [...this.log.querySelectorAll("[data-seq]")].at(-1);
    if (live && last?.classList.contains("system")) last.classList.add("join");
    if (!live) this.typing(false);
  }

  /** From here on what comes is new to the reader; see `forget`. */
  away() {
    this.readUpto = Math.max(0, ...this.known);
  }

  /** Takes off the screen what was read before `away()`, and all own words; `text` says so in their place. Returns the last number read. */
  forget(text) {
    for (const turn of this.log.querySelectorAll(":scope > .turn:not(.tail)")) {
      if (!(Number(turn.dataset.seq) > this.readUpto) || turn.classList.contains("you")) turn.remove();
    }
    this.own.clear();
    this.helps.clear();
    const line = turnOf({ sender: "system", text });
    this.log.prepend(line);
    return this.readUpto;
  }

  /** Takes everything off the screen and out of memory. */
  clear() {
    clearTimeout(this.typingTimer);
    this.log.replaceChildren();
    this.known.clear();
    this.own.clear();
    this.helps.clear();
    this.tail = {};
    this.live = false;
  }

  /** Scrolls to the newest line. */
  toEnd() {
    this.following = true;
    scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    this.top = scrollY;
    this.newer(false);
  }

  /** Scrolls to the beginning, to be read from there. */
  toStart() {
    this.following = false;
    this.top = 0;
    scrollTo({ top: 0, behavior: "instant" });
    this.newer(false);
  }

  /** The change to a person is a line of its own, also where the server's own line is missing. */
  #personSpeaks(message, turn, quiet) {
    const before = [...this.log.querySelectorAll(".turn[data-seq], .turn.join")].reverse();
    const change = before.find((other) => !other.classList.contains("you"));
    if (change?.classList.contains("person")) return;
    if (change?.classList.contains("system")) {
      change.classList.add("join");
      return;
    }
    const text = word("joined", { name: speaker(message) });
    const line = turnOf({ sender: "system", text });
    line.classList.add("join");
    line.dataset.seq = message.seq - 0.5;
    this.#place(line, message.seq - 0.5);
    if (!quiet) announce(text);
  }

  #place(turn, seq) {
    const others = [...this.log.querySelectorAll(".turn[data-seq], .turn.pending")].filter((other) => other !== turn);
    const isLater = (other) => other.matches(".pending") || Number(other.dataset.seq) > seq;
    const stands = (other) => Boolean(turn.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (turn.isConnected && others.every((other) => stands(other) === isLater(other))) return;
    const group = [turn]; // help that answers these words moves with them
    while (group.at(-1).nextElementSibling?.matches(".help")) group.push(group.at(-1).nextElementSibling);
    const place = others.find(isLater) ?? this.#tailStart();
    for (const node of group) this.log.insertBefore(node, place);
  }

  #tailStart() {
    return this.log.querySelector(":scope > .tail");
  }

  /** Whether a person holds the line where `turn` stands. */
  #personBefore(turn) {
    let before = turn.previousElementSibling;
    while (before?.matches(".you, .help")) before = before.previousElementSibling;
    return Boolean(before?.matches(".person, .join"));
  }

  /** Services that stand again in an answer below some help are taken off the help, whichever of the two came first. */
  #dropDoubles() {
    const links = (turn) => [...turn.querySelectorAll(".numbers a")].map((link) => link.href);
    const answers = [...this.log.querySelectorAll(".turn:not(.help)")];
    for (const help of this.helps.values()) {
      const below = answers.filter((turn) => help.compareDocumentPosition(turn) & Node.DOCUMENT_POSITION_FOLLOWING);
      const again = new Set(below.flatMap(links));
      if (again.size && links(help).every((link) => again.has(link))) help.querySelector(".numbers")?.remove();
    }
  }

  #clearOptions() {
    for (const box of this.log.querySelectorAll(".options")) {
      if (box.contains(document.activeElement)) this.log.focus({ preventScroll: true });
      box.remove();
    }
  }

  #takeBack(item) {
    this.own.get(item.client_id)?.turn.remove();
    this.own.delete(item.client_id);
    this.edit(item);
  }

  #atEnd(near = NEAR) {
    const page = document.documentElement;
    return page.scrollHeight - innerHeight - scrollY < near;
  }

  /** Runs `change`, then stays at the end if the reader was there; a turn taller than the room is shown from its start. */
  #keepEnd(change, quiet = false) {
    const { following } = this;
    const turn = change();
    if (!following) {
      if (!quiet) this.newer(true);
      return;
    }
    this.toEnd();
    const top = this.header.getBoundingClientRect().bottom;
    if (turn.getBoundingClientRect().top < top) {
      scrollBy({ top: turn.getBoundingClientRect().top - top - 8, behavior: "instant" });
    }
  }
}
