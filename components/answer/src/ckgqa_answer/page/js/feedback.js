// Thumbs up or down on an answer, with the receipt that came with it.
import { Trouble, tell } from "./api.js";
import { make } from "./dom.js";
import { icon } from "./icons.js";
import { label, say } from "./language.js";

/** Make the two buttons; a second click with the other changes the verdict. */
export function feedback(receipt) {
  const note = make("span", { class: "soft", role: "status" });
  const buttons = ["up", "down"].map((verdict) => {
    const button = make("button", { type: "button", class: "thumb", "aria-pressed": "false" }, icon(verdict));
    button.addEventListener("click", () => give(verdict, button));
    return label(button, verdict);
  });
  const group = make("div", { class: "feedback", role: "group" }, ...buttons, note);

  async function give(verdict, chosen) {
    try {
      await tell(receipt, verdict);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      say(note, "feedbackFailed");
      return;
    }
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
    say(note, "thanks");
  }

  return label(group, "feedback");
}
