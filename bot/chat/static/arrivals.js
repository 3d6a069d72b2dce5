// What comes from the server, and what the page makes of it: who holds the line, closed hours, a lost line, the numbers.

import { $, notice, page } from "./page.js";
import { el, icon } from "./elements.js";
import { announce, tell } from "./voice.js";
import { whenOpen, word } from "./words.js";

export class Arrivals {
  /** `closed()` is called when the conversation is closed at the server, `back()` when a lost line works again. */
  constructor({ strip, transcript, closed, back }) {
    Object.assign(this, { strip, transcript, closed, back });
    this.connected = true;
    this.heardAt = 0;
  }

  status(status) {
    if (status.mode === "closed") {
      this.closed();
      return;
    }
    const before = this.strip.status;
    this.heardAt = Date.now();
    this.strip.setStatus(status);
    this.#drawStatus(status);
    if (before && before.mode !== "waiting" && status.mode === "waiting") {
      tell(`${$("who-name").textContent}. ${$("who-note").textContent}.`);
    }
  }

  /** Draws the newest status again, in the words of now. */
  redraw() {
    this.strip.free();
    if (this.strip.status) this.#drawStatus(this.strip.status);
    if (!this.connected) this.#gap();
  }

  #drawStatus(status) {
    this.transcript.setLive(status.mode === "live");
    this.transcript.setTail("hand", this.strip.hand());
    this.transcript.typing(status.mode === "live" && status.person_typing, status.person || word("a_person"));
    page.dataset.mode = status.mode;
    this.#closedHours(status);
    this.showNumbers();
  }

  /** Out of hours it is said at once, above the chat; while waiting, the end of the chat says it. */
  #closedHours({ mode, people, next_open: opens }) {
    if (mode !== "bot" || people !== "none") {
      $("notice").hidden = true;
      return;
    }
    const back = opens === undefined ? "" : word("closed_back", { when: whenOpen(opens) });
    const said = $("notice").hidden;
    notice({ sign: "moon", title: word("closed_title"), text: `${back} ${word("closed_text")}`.trim() });
    if (said) announce(`${word("closed_title")} ${back}`.trim());
  }

  /** `state` of the line: open or lost. */
  line(state) {
    const open = state === "open";
    if (open === this.connected) return;
    this.connected = open;
    this.strip.setConnected(open);
    if (open) {
      this.transcript.setTail("gap", null);
      tell(word("back"));
      this.back();
    } else {
      this.#gap();
      tell(word("gap"));
    }
    this.showNumbers();
  }

  #gap() {
    const text = el("p", { children: [icon("gap"), el("span", { text: word("gap") })] });
    this.transcript.setTail("gap", el("div", { className: "turn gap tail", children: [text] }));
  }

  /** The numbers stand below the chat where it cannot be counted on; beside it there is always the button. */
  showNumbers() {
    const waiting = this.strip.status?.mode === "waiting";
    if (!$("after").hidden) {
      $("numbers").hidden = true; // whom to reach later stands there already
      return;
    }
    $("numbers").hidden = page.dataset.view === "chat" && this.connected && !waiting && $("notice").hidden;
  }
}
