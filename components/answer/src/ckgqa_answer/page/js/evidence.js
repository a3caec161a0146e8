// The facts behind an answer, with the sentences that say them, on request.
import { chinese, make } from "./dom.js";
import { percent, say } from "./language.js";
import { role } from "./asked.js";

/** Make the closed list of facts; null where there are none. */
export function evidence(facts) {
  if (!facts.length) return null;
  const summary = say(make("summary"), "evidence", { n: facts.length });
  return make("details", { class: "evidence" }, summary, make("ul", {}, ...facts.map(fact)));
}

function fact(one) {
  const line = make(
    "p", { class: "fact" }, chinese("b", one.subject), " ", chinese("span", one.predicate, { class: "predicate" }), " ",
    chinese("b", one.object), ...Object.entries(one.slots).flatMap(slot),
  );
  const source = make("span");
  if (one.source === "labelled") say(source, "labelled");
  else say(source, "extracted", { percent: percent(one.score) });
  const count = say(make("span"), "sentences", { n: one.count });
  const sentences = one.evidence.map(({ text }) => chinese("blockquote", text));
  const none = sentences.length ? null : say(make("p", { class: "soft" }), "noSentence");
  return make("li", {}, line, ...sentences, none, make("p", { class: "soft" }, source, " · ", count));
}

function slot([name, value]) {
  return [" ", make("span", { class: "slot" }, role(make("span", { class: "role" }), name), " ", chinese("span", value))];
}
