// The line to the server: an event stream that resumes by cursor, and asking every few seconds where streams do not pass.

import { call, NoLine, readEvents } from "./transport.js";

const FIRST_WORD = 5_000; // ms; a status comes first on every stream, so silence means that something on the way keeps it back
const SILENCE = 40_000; // ms; the server sends a comment every 15 s
const ASK_EVERY = [3_000, 5_000]; // ms, when asking instead of listening
const LISTEN_AGAIN = [30_000, 300_000]; // ms until a stream is tried again: at first, at most
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000]; // ms between tries when nothing works

export class Line {
  /**
   * `message(message)` and `status(status)` are given what comes, `state("open" | "lost")` how the line is, and
   * `revoked()` is called once when the token opens nothing any more.
   */
  constructor({ token, cursor = 0, message, status, state, revoked }) {
    Object.assign(this, { token, cursor, message, status, state, revoked });
    this.closing = new AbortController();
    this.failures = 0;
    this.listenAt = 0;
    this.listenGap = LISTEN_AGAIN[0];
  }

  open() {
    this.#run();
  }

  close() {
    this.closing.abort();
    this.#stream?.abort();
    this.#wake?.();
  }

  /** Tries again at once: the device says that it is back, or the young person pressed. */
  poke() {
    this.failures = 0;
    this.#wake?.();
  }

  /** The device says that it is offline. */
  drop() {
    this.#stream?.abort();
    this.state("lost");
  }

  /** Asks once, now; used when an answer is overdue. */
  async refresh() {
    try {
      await this.#ask();
    } catch {
      // the loop below notices by itself
    }
  }

  #wake = null;
  #stream = null;

  async #run() {
    while (!this.closing.signal.aborted) {
      try {
        if (Date.now() >= this.listenAt && (await this.#listen())) {
          this.failures = 0;
          await this.#rest(300 + Math.random() * 700);
          continue;
        }
        await this.#ask();
        this.failures = 0;
        await this.#rest(ASK_EVERY[0] + Math.random() * (ASK_EVERY[1] - ASK_EVERY[0]));
      } catch (error) {
        if (this.closing.signal.aborted) return;
        if (!(error instanceof NoLine)) throw error;
        this.state("lost");
        this.listenAt = 0;
        const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)];
        await this.#rest(pause * (0.75 + Math.random() / 2));
      }
    }
  }

  /** Listens until the stream ends. True when it brought anything; false when streams do not pass here. */
  async #listen() {
    let heard = false;
    this.#stream = new AbortController();
    const watch = { timer: 0 };
    const alive = () => {
      clearTimeout(watch.timer);
      watch.timer = setTimeout(() => this.#stream?.abort(), heard ? SILENCE : FIRST_WORD);
    };
    alive();
    try {
      const answer = await fetch(`/api/chat/events?after=${this.cursor}`, {
        headers: { Authorization: `Bearer ${this.token}`, Accept: "text/event-stream", "Last-Event-ID": String(this.cursor) },
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: this.#stream.signal,
      });
      if (answer.status === 401) return this.#revoke();
      if (!answer.ok || !answer.body) throw new NoLine(`stream ${answer.status}`);
      await readEvents(
        answer.body,
        (event) => {
          heard = true;
          this.failures = 0;
          this.state("open");
          this.#take(event);
        },
        alive,
      );
    } catch {
      if (this.closing.signal.aborted) return true;
    } finally {
      clearTimeout(watch.timer);
      this.#stream = null;
    }
    if (heard) {
      this.listenGap = LISTEN_AGAIN[0];
    } else {
      this.listenAt = Date.now() + this.listenGap;
      this.listenGap = Math.min(2 * this.listenGap, LISTEN_AGAIN[1]);
    }
    return heard;
  }

  #take({ id, event, data }) {
    if (event === "status") this.status(data);
    if (event === "message") {
      this.message(data);
      this.cursor = Math.max(this.cursor, Number(id ?? data.seq) || 0);
    }
  }

  async #ask() {
    const { status, body } = await call("GET", `/api/chat/messages?after=${this.cursor}`, {
      token: this.token,
      signal: this.closing.signal,
    });
    if (status === 401) return this.#revoke();
    if (status !== 200 || !body) throw new NoLine(`messages ${status}`);
    this.state("open");
    for (const message of body.messages) this.#take({ id: message.seq, event: "message", data: message });
    this.status(body.status);
  }

  #revoke() {
    if (!this.closing.signal.aborted) {
      this.closing.abort();
      this.revoked();
    }
    return true;
  }

  #rest(ms) {
    if (this.closing.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
