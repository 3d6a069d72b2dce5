// What the young person sent and the server does not have yet. In memory only: words are never kept on the device.
// One message at a time, in order, each with the id that it was made with, so a message that was in fact stored is stored once.

import { newId, NoLine } from "./transport.js";

const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000]; // ms between tries by itself
const STUCK_AFTER = 4; // tries that the server answered with 500: it may be this message alone, let the others pass

export class Outbox {
  /**
   * `send(item)` posts and returns `{status, body}` or throws `NoLine`; `changed(item)` is called when an item's `state`
   * (sending, sent, unsent, refused) moves; `answered(item, answer)` for every answer; `revoked()` on 401.
   */
  constructor({ send, changed, answered, revoked }) {
    Object.assign(this, { send, changed, answered, revoked });
    this.items = [];
    this.ready = false;
    this.timer = 0;
    this.busy = null;
    this.epoch = 0;
  }

  /** Takes a `{text}` or `{option, title}`; `ahead` puts it before all that waits (a wish for a person does not queue). */
  add(content, { ahead = false } = {}) {
    const item = { client_id: newId(), state: "sending", tries: 0, failures: 0, stuck: false, ...content };
    const place = ahead ? this.items.findIndex((other) => other !== this.busy) : -1;
    if (place < 0) this.items.push(item);
    else this.items.splice(place, 0, item);
    this.changed(item);
    this.flush();
    return item;
  }

  /** From now on messages can go: the conversation is open. */
  open() {
    this.ready = true;
    this.flush();
  }

  /** Tries again now. */
  retry() {
    for (const item of this.items) item.stuck = false;
    this.flush();
  }

  /** What the server does not have, as it would be posted. */
  unsent() {
    return this.items
      .filter((item) => item.state !== "refused")
      .map(({ client_id, text, option }) => (option ? { client_id, option } : { client_id, text }));
  }

  /** The server has the message of this id, whatever became of the answer that says so. */
  confirm(clientId) {
    this.items = this.items.filter((item) => item.client_id !== clientId || item === this.busy);
  }

  /** Forgets an item that the server refused. */
  forget(item) {
    this.items = this.items.filter((other) => other !== item);
  }

  clear() {
    clearTimeout(this.timer);
    this.epoch += 1;
    this.busy = null;
    this.items = [];
    this.ready = false;
  }

  async flush() {
    clearTimeout(this.timer);
    if (!this.ready || this.busy) return;
    const epoch = this.epoch;
    for (let item = this.#head(); item; item = this.#head()) {
      this.busy = item;
      const gone = await this.#post(item);
      if (epoch !== this.epoch) return;
      this.busy = null;
      if (!gone) {
        this.#later(item);
        return;
      }
    }
    const left = this.items.find((item) => item.stuck);
    if (left) this.#later(left);
  }

  #head() {
    const open = this.items.filter((item) => item.state !== "refused");
    return open.find((item) => !item.stuck) ?? open.find((item) => item.tries === 0);
  }

  /** Posts one item; true when it is off our hands. */
  async #post(item) {
    item.tries += 1;
    const epoch = this.epoch;
    let answer;
    try {
      answer = await this.send(item);
      if (epoch !== this.epoch) return true;
    } catch (error) {
      if (!(error instanceof NoLine)) throw error;
      if (epoch !== this.epoch) return true;
      this.#move(item, "unsent");
      return false;
    }
    if (answer.status === 401) {
      this.revoked();
      return false;
    }
    if (answer.status >= 200 && answer.status < 300) {
      this.forget(item);
      item.seq = answer.body?.seq;
      this.#move(item, "sent");
      this.answered(item, answer);
      return true;
    }
    const again = answer.status >= 500 || answer.status === 429 || answer.status === 408;
    if (again) {
      if (answer.status === 500 && ++item.failures >= STUCK_AFTER && this.items.length > 1) item.stuck = true;
      this.#move(item, "unsent");
    } else {
      item.reason = answer.body?.error;
      this.#move(item, "refused");
    }
    this.answered(item, answer);
    return !again || item.stuck;
  }

  #move(item, state) {
    item.state = state;
    this.changed(item);
  }

  #later(item) {
    for (const other of this.items) if (other.state === "sending") this.#move(other, "unsent");
    this.timer = setTimeout(() => this.retry(), PAUSES[Math.min(item.tries - 1, PAUSES.length - 1)]);
  }
}
