// Talks to the server. Whatever goes wrong is a Trouble whose kind the page has words for.
const API = new URL("../../api/", import.meta.url);
const LONGEST_WAIT_MS = 30_000;

/** What went wrong: a kind that words.js has words for; the server's own words, seconds to wait, its number. */
export class Trouble extends Error {
  constructor(kind, { reason = "", after = 0, id = "" } = {}) {
    super(reason || kind);
    Object.assign(this, { kind, reason, after, id });
  }
}

/** Ask a question; `context` is what the last reply gave. */
export function ask(question, context, signal) {
  return post("ask", context ? { question, context } : { question }, signal);
}

/** Tell what somebody thinks of an answer: `up` or `down`. */
export function tell(receipt, verdict) {
  return post("feedback", { receipt, verdict });
}

/** Fetch what stands round a vertex. */
export function neighbourhood(id, limit) {
  return send(`neighbourhood?${new URLSearchParams({ id, limit })}`);
}

/** Fetch questions that the graph answers. */
export async function examples(count) {
  return (await send(`examples?${new URLSearchParams({ count })}`)).questions;
}

/** Fetch what is being asked: version, graph and model. */
export function info() {
  return send("info");
}

function post(path, record, signal) {
  const headers = { "Content-Type": "application/json" };
  return send(path, { method: "POST", headers, body: JSON.stringify(record), signal });
}

async function send(path, options = {}) {
  const late = AbortSignal.timeout(LONGEST_WAIT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  try {
    const response = await fetch(new URL(path, API), { ...options, signal });
    if (!response.ok) throw await trouble(response);
    return await response.json();
  } catch (error) {
    if (error instanceof Trouble || options.signal?.aborted) throw error;
    if (error instanceof SyntaxError) throw new Trouble("broken");
    throw new Trouble(late.aborted ? "late" : "gone");
  }
}

async function trouble(response) {
  const record = await response.json().catch(() => ({}));
  const kind = response.status === 503 ? whatIsDown(record.down ?? []) : response.status < 500 ? "refused" : "broken";
  const after = Number(response.headers.get("Retry-After")) || 0;
  return new Trouble(kind, { reason: String(record.error ?? ""), after, id: String(record.request_id ?? "") });
}

function whatIsDown([first]) {
  return { graph: "graphDown", model: "modelDown" }[first] ?? "down503";
}
