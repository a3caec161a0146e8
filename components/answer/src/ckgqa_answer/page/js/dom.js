// Makes elements. Text is only ever set as text: a name such as <script> is shown as it is written.

/**
 * Make an element.
 * @param {string} tag
 * @param {Object<string, string|boolean|Function>} properties attributes; a function listens to the event of its name,
 *   true sets an attribute without a value, false leaves it out.
 * @param {...(Node|string|null)} children a string becomes text; null is left out.
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Make an element with Chinese text that came from the server. */
export function chinese(tag, text, properties = {}) {
  return make(tag, { lang: "zh-CN", ...properties }, text);
}

/** Cut text at character positions as the server counts them (a character outside the BMP is one, not two). */
export const characters = (text) => Array.from(text);

/** Whether the reader asked for less movement. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
