// What is shown in the place of a reply when there is none.
import { make } from "./dom.js";
import { say } from "./language.js";

/**
 * Say what went wrong, with the server's own words and a button that tries again.
 * @param {Trouble} trouble what went wrong.
 * @param {boolean} alone whether the next try goes without the conversation's context.
 * @param {Function|null} again tries again; null where that is no use.
 */
export function troubled(trouble, alone, again) {
  const { kind, reason, after, id } = trouble;
  const button = again && say(make("button", { type: "button", class: "plain", click: again }), alone ? "retryAlone" : "retry");
  return make(
    "div", { class: `card trouble ${kind}` },
    say(make("p", { class: "said" }), kind),
    after ? say(make("p"), "after", { n: after }) : null,
    reason && kind !== "graphDown" && kind !== "modelDown" ? make("p", { class: "reason", lang: "en" }, reason) : null,
    button,
    id ? say(make("p", { class: "soft" }), "number", { id }) : null,
  );
}
