// The card of a reply: the answer, how sure it is, what was understood, the evidence, and its place in the graph.
import { chinese, make } from "./dom.js";
import { percent, say } from "./language.js";
import { understanding } from "./asked.js";
import { evidence } from "./evidence.js";
import { feedback } from "./feedback.js";
import { Graph } from "./graph.js";

const AT_ONCE = 12;
const SURENESS = [[0.9, "sure"], [0.7, "likely"], [0.4, "uncertain"], [0, "doubtful"]];

/** The words for a confidence. */
export const sureness = (confidence) => SURENESS.find(([least]) => confidence >= least)[1];

/**
 * Make a reply's card.
 * @returns {{element: Element, graph: Graph|null}} the graph to fold away when the next answer comes.
 */
export function card(reply, { askAbout, send }) {
  const graph = reply.path.vertices.length ? new Graph(reply.path, askAbout) : null;
  const answered = reply.status === "answered";
  const told = make(
    "div", { class: "told" },
    answered ? null : say(make("p", { class: "status" }), reply.status),
    chinese("p", reply.answer, { class: "said" }),
    values(reply.values, reply, graph),
    candidates(reply, graph),
    reply.confidence > 0 ? confidence(reply.confidence) : null,
    understanding(reply.understood),
    evidence(reply.facts),
    suggestions(reply.suggestions, send),
    reply.receipt ? feedback(reply.receipt) : null,
  );
  return { element: make("div", { class: `card ${reply.status}` }, told, graph?.element ?? null), graph };
}

function values(names, reply, graph) {
  if (!names.length) return null;
  const asked = new Map(reply.path.vertices.filter(({ asked }) => asked).map(({ id, name }) => [name, id]));
  const chips = names.map((value) => make("li", {}, chip(value, asked.get(value), graph)));
  const list = (some) => make("ul", { class: "values" }, ...some);
  if (chips.length <= AT_ONCE) return list(chips);
  const summary = say(make("summary"), "others", { n: chips.length - AT_ONCE });
  return make("div", {}, list(chips.slice(0, AT_ONCE)), make("details", {}, summary, list(chips.slice(AT_ONCE))));
}

/** Make what is not given as the answer: the candidates of an unsure reply, or doubtful values beside an answer. */
function candidates(reply, graph) {
  if (!reply.candidates.length) return null;
  const title = say(make("h3"), reply.status === "unsure" ? "candidates" : "doubted");
  return make("section", { class: "candidates" }, title, values(reply.candidates, reply, graph));
}

/** Make the questions that can be asked instead, each a button that asks it. */
function suggestions(questions, send) {
  if (!questions.length) return null;
  const buttons = questions.map((text) => chinese("button", text, { type: "button", class: "plain", click: () => send(text) }));
  return make("section", { class: "suggestions" }, say(make("h3"), "suggestions"), make("div", {}, ...buttons));
}

/** Make a value; one that stands in the graph is a button that shows it there. */
function chip(value, id, graph) {
  if (!id) return chinese("span", value);
  const shown = () => {
    graph.element.open = true;
    graph.select(id);
  };
  return chinese("button", value, { type: "button", click: shown });
}

function confidence(share) {
  const name = sureness(share);
  const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"));
  bar.firstChild.style.inlineSize = percent(share);
  const text = say(make("span"), "confidence", { words: { key: name }, percent: percent(share) });
  return make("p", { class: `confidence ${name}` }, bar, text);
}
