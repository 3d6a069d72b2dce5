// The desk's API: JSON in, JSON out, CSRF token on each change, errors in plain words.

const PATIENCE = 8000; // milliseconds; after that the desk says that it is not live

let csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
let skew = 0; // seconds that the server's clock is ahead of this device's

export function useToken(token) {
  if (token) csrf = token;
}

/** Seconds since the epoch by the server's clock: waiting times must not depend on this device's. */
export const serverNow = () => Date.now() / 1000 + skew;

/** The server said no. `status` and `body` are its answer, `message` its words. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.error ?? (status >= 500 ? "This part broke. It is our fault, not yours." : "That did not work."));
    this.status = status;
    this.body = body ?? {};
  }
}

/** No answer came: nobody knows whether the call arrived. */
export class Unreachable extends Error {}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "X-CSRF-Token": csrf });
  let response;
  let answer = null;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    answer = text ? JSON.parse(text) : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new Unreachable("No answer came.");
  }
  noteClock(response.headers.get("Date"));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

function noteClock(date) {
  const theirs = Date.parse(date ?? "") / 1000;
  const ahead = theirs + 0.5 - Date.now() / 1000;
  // The header counts whole seconds: a smaller difference is rounding, and clocks must not hop.
  if (Number.isFinite(ahead) && Math.abs(ahead - skew) > 2) skew = ahead;
}

export const read = (path) => call("GET", path);
export const change = (path, body) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);
export const handoffPath = (id, act = "") => `/api/desk/handoffs/${encodeURIComponent(id)}${act ? `/${act}` : ""}`;

/** An id for a message: the same on each try, so that it is stored once. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
