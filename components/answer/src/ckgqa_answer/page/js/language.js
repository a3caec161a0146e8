// Says things in the chosen language, and says them anew when another is chosen. Chinese is the first.
import { WORDS } from "./words.js";

const KEPT = "ckgqa.language";
const TAGS = { zh: "zh-CN", en: "en" };
const values = new WeakMap();
let language = kept();

/** Give the words of a key. */
export function words(key, filled = {}) {
  const entry = WORDS[language][key];
  if (typeof entry === "function") return entry(filled);
  return entry.replace(/\{(\w+)\}/g, (_, name) => String(filled[name]));
}

/** Let an element say a key's words, now and after another language is chosen. */
export function say(element, key, filled = {}) {
  return put(element, "say", key, filled);
}

/** The same for the name that a screen reader gives it. */
export function label(element, key, filled = {}) {
  return put(element, "label", key, filled);
}

/** The same for the text that stands in an empty field. */
export function hint(element, key, filled = {}) {
  return put(element, "hint", key, filled);
}

/** Give a share as a percentage. */
export const percent = (share) => `${Math.round(share * 100)}%`;

/** Choose the other language, for this visit and the next. */
export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // A browser that keeps nothing still shows the page.
  }
  show();
  document.dispatchEvent(new Event("language"));
}

/** Put the whole page into the chosen language. */
export function show() {
  document.documentElement.lang = TAGS[language];
  document.title = words("title");
  for (const element of document.querySelectorAll("[data-say], [data-label], [data-hint]")) fill(element);
}

function put(element, kind, key, filled) {
  element.dataset[kind] = key;
  values.set(element, { ...values.get(element), ...filled });
  fill(element);
  return element;
}

function fill(element) {
  const filled = Object.fromEntries(
    Object.entries(values.get(element) ?? {}).map(([name, value]) => [name, value?.key ? words(value.key) : value]),
  );
  if (element.dataset.say) element.textContent = words(element.dataset.say, filled);
  if (element.dataset.label) element.setAttribute("aria-label", words(element.dataset.label, filled));
  if (element.dataset.hint) element.setAttribute("placeholder", words(element.dataset.hint, filled));
}

function kept() {
  try {
    return localStorage.getItem(KEPT) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}
