// Where a question is typed: counted, sent by Enter, and not by the Enter that ends a Chinese input method's word.
import { characters } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./language.js";

const MOST = 128;
const PROCESSED_BY_IME = 229;

/** The form; `submit` is called with a question and says whether it was taken. */
export class Composer {
  constructor(form, submit) {
    this.submit = submit;
    this.field = form.querySelector("textarea");
    this.count = form.querySelector("#count");
    this.button = form.querySelector("button");
    this.button.append(icon("send"));
    this.field.addEventListener("input", () => this.show());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.show();
  }

  /** Put words into the field, for somebody to finish the question. */
  begin(text) {
    this.field.value = text;
    this.show();
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === PROCESSED_BY_IME) return;
    event.preventDefault();
    this.send();
  }

  send() {
    const text = this.field.value.trim();
    if (!text || characters(text).length > MOST || !this.submit(text)) {
      this.field.focus();
      return;
    }
    this.field.value = "";
    this.show();
  }

  show() {
    const length = characters(this.field.value.trim()).length;
    const over = length > MOST;
    if (over) say(this.count, "over", { n: length - MOST });
    else delete this.count.dataset.say;
    if (!over) this.count.textContent = `${length}/${MOST}`;
    this.count.classList.toggle("over", over);
    this.field.setAttribute("aria-invalid", String(over));
    this.button.setAttribute("aria-disabled", String(over || length === 0));
  }
}
