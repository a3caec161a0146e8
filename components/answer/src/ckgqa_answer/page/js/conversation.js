// The conversation: questions, what is waited for, replies and what went wrong; and the context that follow-ups need.
import { Trouble, ask } from "./api.js";
import { card, sureness } from "./answer.js";
import { marked } from "./asked.js";
import { chinese, make, still } from "./dom.js";
import { percent, say, words } from "./language.js";
import { troubled } from "./trouble.js";

/**
 * A conversation in `list`.
 * @param {Element} list receives a turn for each question.
 * @param {{announce: function(string), askAbout: function(Object), send: function(string)}} tools say something to a
 *   screen reader; begin a question about a vertex; ask a question.
 */
export class Conversation {
  constructor(list, tools) {
    this.list = list;
    this.tools = tools;
    this.clear();
  }

  get waiting() {
    return this.request !== null;
  }

  /** Forget everything; what is still waited for is given up. */
  clear() {
    this.request?.abort();
    this.request = null;
    this.graph?.close();
    this.graph = null;
    this.context = "";
    this.list.replaceChildren();
  }

  /** Ask a question: it stands there at once, and its reply when it has come. */
  ask(question) {
    const title = chinese("h2", question, { class: "question" });
    const reply = make("div", { class: "reply" });
    this.list.append(make("li", { class: "turn" }, title, reply));
    return this.fetch(question, title, reply);
  }

  async fetch(question, title, place) {
    const request = new AbortController();
    this.request = request;
    place.replaceChildren(waiting());
    this.tools.announce("");
    title.parentElement.scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "start" });
    try {
      const reply = await ask(question, this.context, request.signal);
      if (!request.signal.aborted) this.show(reply, title, place);
    } catch (error) {
      if (request.signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      this.fail(error, question, title, place);
    } finally {
      if (this.request === request) this.request = null;
    }
  }

  show(reply, title, place) {
    this.context = reply.context;
    title.replaceChildren(...marked(reply.question, reply.understood.mentions));
    const { element, graph } = card(reply, this.tools);
    if (graph) {
      this.graph?.close();
      this.graph = graph;
    }
    place.replaceChildren(element);
    const sure = reply.status === "answered" ? ` ${words(sureness(reply.confidence))} ${percent(reply.confidence)}` : "";
    this.tools.announce(words("answer", { answer: reply.answer }) + sure);
  }

  fail(trouble, question, title, place) {
    // A context that the server refuses would be refused with every question: the next try goes without it.
    const alone = trouble.kind === "refused" && this.context !== "";
    const again = alone || trouble.kind !== "refused" ? () => this.again(alone, question, title, place) : null;
    place.replaceChildren(troubled(trouble, alone, again));
    this.tools.announce(words(trouble.kind));
  }

  again(alone, question, title, place) {
    if (this.waiting) return;
    if (alone) this.context = "";
    this.fetch(question, title, place);
  }
}

function waiting() {
  const dots = make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
  return make("p", { class: "waiting" }, dots, say(make("span"), "waiting"));
}
