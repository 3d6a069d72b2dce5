// One conversation, from its opening to its end, and what goes out in it. Words live in memory only.

import { showAfterwards } from "./afterwards.js";
import { Arrivals } from "./arrivals.js";
import { emptyComposer, hideDraft, writeAgain } from "./composer.js";
import { el } from "./elements.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import { $, earlier, hint, notice, servicesOfPage, touch, view } from "./page.js";
import { Strip } from "./strip.js";
import { remember } from "./tab.js";
import { Transcript } from "./transcript.js";
import { call, NoLine } from "./transport.js";
import { tell } from "./voice.js";
import { word } from "./words.js";

const ANSWER_DUE = 1_500; // ms after a sent message until we ask, should the stream be silent
const WAIT_AGE = 45_000; // ms; what is shown of the wait is never older than a minute
const LOOK_EVERY = 15_000; // ms
const RETRY_OPEN = [1_000, 2_000, 4_000, 8_000]; // ms

export class Conversation {
  token = null;
  line = null;
  after = 0; // number of the last message that is not shown again
  #opening = 0;
  #ended = false;

  constructor() {
    this.transcript = new Transcript($("log"), {
      press: (option, event) => this.#pressOption(option, event),
      retry: () => this.tryAgain(),
      edit: (item) => {
        this.outbox.forget(item);
        writeAgain(item.text);
      },
      newer: (shown) => ($("newer").hidden = !shown),
    });
    this.strip = new Strip({
      ask: () => this.send({ option: "person:ask", title: word("ask") }, { ahead: true }),
      stop: () => this.send({ option: "person:not_now", title: word("stop") }, { ahead: true }),
    });
    this.outbox = new Outbox({
      send: ({ client_id, text, option }) =>
        call("POST", "/api/chat/messages", { token: this.token, body: option ? { client_id, option } : { client_id, text } }),
      changed: (item) => this.#sendingMoved(item),
      answered: (item, answer) => this.#answered(item, answer),
      revoked: () => this.revoked(),
    });
    this.arrivals = new Arrivals({
      strip: this.strip,
      transcript: this.transcript,
      closed: () => this.#showEnded(word("ended_title"), word("ended_text")),
      back: () => this.outbox.retry(),
    });
    setInterval(() => {
      if (this.arrivals.connected && this.strip.age > WAIT_AGE) this.line?.refresh();
    }, LOOK_EVERY);
  }

  // ---- Start and resume

  async begin() {
    this.#ended = false;
    view("chat");
    this.strip.setStatus(null);
    this.transcript.setTail("opening", el("div", { className: "turn opening tail", text: word("opening") }));
    tell(word("opening"));
    if (!touch) $("say").focus();
    const { lang } = document.documentElement;
    await this.#open(() => call("POST", "/api/chat/conversations", { body: { locale: lang } }), (body) => this.#took(body));
    if (!this.outbox.items.length) this.transcript.toStart();
  }

  /** Takes the chat of this tab up again: with its words after message number `after`, without any where that is undefined. */
  async resume(token, after) {
    this.token = token;
    view("chat");
    this.strip.setStatus(null);
    await this.#open(() => call("GET", "/api/chat/messages?after=0", { token }), ({ messages }) => {
      this.after = after ?? messages.at(-1)?.seq ?? 0;
      if (this.after) this.transcript.line(word("place_back"), { quiet: after !== undefined });
      for (const message of messages) if (message.seq > this.after) this.transcript.show(message, { quiet: true });
    });
    this.transcript.toEnd();
  }

  /** Goes on with a chat that three words have just opened. */
  async comeBack(body) {
    this.#ended = false;
    view("chat");
    await this.#open(async () => ({ status: 201, body }), (opened) => this.#took(opened));
    this.transcript.toEnd();
    if (!touch) $("say").focus();
  }

  #took(body) {
    this.token = body.token;
    this.after = 0;
    remember(body.token);
    for (const message of body.messages) this.transcript.show(message);
  }

  /** Opens the line; tries until it works, with help on the screen meanwhile. */
  async #open(ask, show) {
    const mine = ++this.#opening;
    for (let tries = 0; mine === this.#opening; tries += 1) {
      let answer = null;
      try {
        answer = await ask();
      } catch (error) {
        if (!(error instanceof NoLine)) throw error;
      }
      if (mine !== this.#opening) return;
      if (answer?.status === 401) return this.revoked();
      if (answer && answer.status < 300 && answer.body) return this.#opened(answer.body, show);
      this.#notOpened(answer);
      await new Promise((resolve) => {
        $("notice-button").onclick = resolve;
        setTimeout(resolve, RETRY_OPEN[Math.min(tries, RETRY_OPEN.length - 1)]);
      });
    }
  }

  #opened(body, show) {
    const { messages, status } = body;
    this.transcript.setTail("opening", null);
    $("notice").hidden = true;
    this.arrivals.line("open");
    show(body);
    this.line = new Line({
      token: this.token,
      cursor: Math.max(0, ...messages.map((message) => message.seq)),
      message: (message) => {
        this.arrivals.heardAt = Date.now();
        if (message.client_id) this.outbox.confirm(message.client_id);
        this.transcript.show(message);
      },
      status: (status) => this.arrivals.status(status),
      state: (state) => this.arrivals.line(state),
      revoked: () => this.revoked(),
    });
    this.arrivals.status(status);
    if (this.#ended) return;
    this.line.open();
    this.outbox.open();
  }

  #notOpened(answer) {
    this.transcript.setTail("opening", null);
    const ours = !answer?.body?.error || answer.status >= 500;
    notice({ sign: "gap", title: word("broke_title"), text: ours ? word("broke_text") : answer.body.error, button: word("again") });
    if (answer?.body?.help) this.transcript.help(answer.body.help);
    this.arrivals.showNumbers();
    this.transcript.toStart();
  }

  // ---- End

  /** Ends what runs and takes all words off the screen. */
  stop() {
    this.#opening += 1;
    this.line?.close();
    this.line = null;
    this.outbox.clear();
    this.transcript.clear();
    emptyComposer();
  }

  /** After an absence: the place stays, words from before are gone from the page. */
  forgetWords() {
    hideDraft();
    this.after = this.transcript.forget(word("place_back"));
  }

  /** The token opens nothing any more: ended or erased here or elsewhere. Blank, and start again. */
  revoked() {
    this.#forgetAll();
    view("start");
    $("go-on").hidden = true;
    earlier(word("gone"));
    this.arrivals.showNumbers();
    $("start-title").focus();
  }

  async end() {
    const body = { how: "end", token: this.token, unsent: this.outbox.unsent() };
    showAfterwards(await this.#finish(() => call("POST", "/api/chat/leave", { token: this.token, body }), "ended"));
    this.arrivals.showNumbers();
  }

  async erase() {
    await this.#finish(() => call("DELETE", "/api/chat/conversation", { token: this.token }), "erased");
  }

  /** Gives what the server answered, when the end was heard. */
  async #finish(ask, how) {
    let done = !this.token;
    let answer = null;
    try {
      const { status, body } = done ? { status: 204 } : await ask();
      done = status < 300 || status === 401;
      if (status < 300) answer = body;
    } catch (error) {
      if (!(error instanceof NoLine)) throw error;
    }
    if (done) this.#showEnded(word(`${how}_title`), word(`${how}_text`));
    else hint(word("failed"));
    return answer;
  }

  #showEnded(title, text) {
    this.#ended = true;
    this.#forgetAll();
    view("ended");
    this.strip.setStatus({ mode: "closed" });
    notice({ sign: "leave", title, text, button: word("start_again"), press: () => this.begin() });
    this.arrivals.showNumbers();
    $("notice").focus();
    tell(title);
  }

  #forgetAll() {
    this.stop();
    this.token = null;
    remember(null);
  }

  // ---- What goes

  send(content, options) {
    this.transcript.add(this.outbox.add(content, options));
  }

  /** The page speaks another language now; the desk learns which. */
  speak(locale) {
    this.arrivals.redraw();
    if (this.token) call("POST", "/api/chat/language", { token: this.token, body: { locale } }).catch(() => {});
  }

  typing() {
    if (this.token && this.arrivals.connected) call("POST", "/api/chat/typing", { token: this.token }).catch(() => {});
  }

  tryAgain() {
    this.line?.poke();
    this.outbox.retry();
  }

  #sendingMoved(item) {
    this.transcript.mark(item);
    const said = { sending: word("sending"), sent: word("sent"), unsent: word("unsent_said"), refused: item.reason ?? word("unsent") };
    tell(said[item.state]);
    if (item.state === "unsent" && item.option?.startsWith("person:")) this.strip.free();
  }

  /** Every answer to a message: help in it is shown at once, whatever its status; on a failure there is always help. */
  #answered(item, { status, body }) {
    if (body?.help) this.transcript.help(body.help, item);
    else if (status >= 500) this.transcript.help({ text: word("help_text"), resources: servicesOfPage() }, item);
    if (status >= 300) return;
    setTimeout(() => {
      if (this.line && Date.now() - this.arrivals.heardAt >= ANSWER_DUE) this.line.refresh();
    }, ANSWER_DUE + 50);
  }

  #pressOption(option, event) {
    this.send({ option: option.payload, title: option.title }, { ahead: option.payload.startsWith("person:") });
    // The pressed button is gone: keep the focus in the chat, without opening a keyboard on a phone.
    if (event.detail === 0 || !touch) $("say").focus({ preventScroll: true });
    else $("log").focus({ preventScroll: true });
  }
}
