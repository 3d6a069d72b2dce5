// How the page talks to the server: one call at a time with a limit on its time, and the reader of event streams.

const PATIENCE = 12_000; // ms for one call

/** No answer came: offline, refused, too slow. */
export class NoLine extends Error {}

/**
 * Calls the chat API.
 * Returns `{status, body}` for every answer, whatever its status; `body` is null where it is not JSON.
 * Throws `NoLine` when no answer comes.
 */
export async function call(method, path, { token, body, signal, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  const limit = limited(PATIENCE, signal);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(path, {
      method,
      headers,
      keepalive,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: limit.signal,
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch (error) {
    throw new NoLine(String(error));
  } finally {
    limit.done();
  }
}

/** A signal that aborts after `ms` or with `other`; `AbortSignal.any` is not on older phones. */
function limited(ms, other) {
  const limit = new AbortController();
  const abort = () => limit.abort();
  const timer = setTimeout(abort, ms);
  if (other?.aborted) abort();
  other?.addEventListener("abort", abort);
  return {
    signal: limit.signal,
    done() {
      clearTimeout(timer);
      other?.removeEventListener("abort", abort);
    },
  };
}

/**
 * Reads server-sent events (the browser's own EventSource cannot send the token in a header).
 * Calls `heard({id, event, data})` for each event and `alive()` for every piece that arrives, comments too.
 */
export async function readEvents(stream, heard, alive) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    rest = (rest + value).replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event) heard(event);
    }
  }
}

function parse(block) {
  const fields = { id: null, event: "message", data: [] };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === 0 || line === "") continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") fields.data.push(value);
    else if (name === "id" || name === "event") fields[name] = value;
  }
  if (!fields.data.length) return null;
  try {
    return { id: fields.id, event: fields.event, data: JSON.parse(fields.data.join("\n")) };
  } catch {
    return null;
  }
}

/** A random id for a message. `randomUUID` is missing on plain HTTP, as in a demonstration on a local network. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
