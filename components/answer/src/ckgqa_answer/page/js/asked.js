// The question as it was understood: its slots highlighted, and what each was taken for.
import { characters, chinese, make } from "./dom.js";
import { label, say, words } from "./language.js";
import { WORDS } from "./words.js";

/** Give the question's text with its mentions marked, each under the role that it plays. */
export function marked(question, mentions) {
  const letters = characters(question);
  const nodes = [];
  let at = 0;
  for (const mention of [...mentions].sort((one, other) => one.start - other.start)) {
    // A mention that is only implied has no place; of two that overlap the first is shown.
    if (mention.start < at || mention.end <= mention.start || mention.end > letters.length) continue;
    nodes.push(letters.slice(at, mention.start).join(""), mark(letters.slice(mention.start, mention.end).join(""), mention));
    at = mention.end;
  }
  return [...nodes, letters.slice(at).join("")];
}

/** Say what was understood: the intent in words, and the names. */
export function understanding({ text, mentions }) {
  const head = say(make("h3"), "understood");
  const said = text ? chinese("p", text) : say(make("p"), "notUnderstood");
  const list = mentions.length ? make("ul", { class: "mentions" }, ...mentions.map(taken)) : null;
  if (list) label(list, "mentions");
  return make("section", { class: "understood" }, head, said, list);
}

/** Say the name of a role; one of a user's own schema stands as it is. */
export function role(element, name) {
  return `role:${name}` in WORDS.zh ? say(element, `role:${name}`) : Object.assign(element, { textContent: name, lang: "zh-CN" });
}

/** Give the words for a role, or for a predicate, which has none of its own. */
export const roleWords = (name) => (`role:${name}` in WORDS.zh ? words(`role:${name}`) : name);

function mark(text, mention) {
  const note = role(make("rt", { "aria-hidden": "true" }), mention.role);
  return make("mark", { class: mention.match }, make("ruby", {}, text, note));
}

function taken(mention) {
  const match = say(make("span", { class: "match" }), mention.match === "unknown" ? "missing" : mention.match);
  const same = mention.name === mention.text || !mention.name;
  const name = same ? mention.text : `${mention.text} → ${mention.name}`;
  return make("li", { class: mention.match }, role(make("span", { class: "role" }), mention.role), " ", chinese("b", name), " ", match);
}
