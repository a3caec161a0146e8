// A vertex in words: its entry in the list, and what is known of it.
import { role } from "./asked.js";
import { chinese, make } from "./dom.js";
import { isFact } from "./graph_view.js";
import { label, say } from "./language.js";

/** Make the list's entry of a vertex; its button does what a click on the drawing does. */
export function entry(vertex, chosen) {
  const button = make(
    "button", { type: "button", "aria-pressed": "false", class: `vertex ${vertex.kind}`, click: chosen },
    chinese("span", vertex.name), " ", types(vertex), part(vertex),
  );
  return { item: make("li", {}, button), button };
}

/** Give what is known of a vertex: name, types, facts, and a way to ask about it. */
export function about(vertex, facts, askAbout) {
  const title = make("h3", {}, chinese("span", vertex.name), " ", types(vertex));
  // It scrolls, so that the keyboard must reach it.
  const list = label(make("ul", { class: "facts", tabindex: "0" }, ...facts.map(line)), "facts");
  const parts = [title, say(make("p", { class: "soft" }), "facts"), list];
  if (!isFact(vertex)) {
    parts.push(say(make("button", { type: "button", class: "plain", click: askAbout }), "askAbout", { name: vertex.name }));
  }
  return parts;
}

/** Say in words what the drawing says by colour. */
function part({ kind }) {
  const key = { asked: "legendAsked", path: "legendPath" }[kind];
  return key ? say(make("small", { class: "part" }), key) : null;
}

function types(vertex) {
  const small = make("small", { class: "soft" });
  return isFact(vertex) ? say(small, "factVertex") : Object.assign(small, { lang: "zh-CN", textContent: vertex.types.join("、") });
}

function line([from, predicate, to]) {
  return make("li", { lang: "zh-CN" }, from, " ", role(make("i"), predicate), " → ", to);
}
