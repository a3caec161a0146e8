// The page: puts conversation, question, examples and language together.
import { Trouble, examples, info } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { chinese, make } from "./dom.js";
import { hint, say, show, switchLanguage, words } from "./language.js";

const EXAMPLES = 6;
const WORK = /作品|图书|歌曲|专辑|小说|综艺/;
const find = (id) => document.getElementById(id);
const welcome = find("welcome");
const announcer = find("announcer");

const conversation = new Conversation(find("conversation"), { announce, askAbout, send });
const composer = new Composer(find("ask"), send);

find("language").addEventListener("click", () => {
  switchLanguage();
  showLanguage();
});
find("new").addEventListener("click", () => {
  conversation.clear();
  welcome.hidden = false;
  announce(words("started"));
  scrollTo(0, 0);
  composer.begin("");
  showExamples();
});
show();
showLanguage();
showExamples();
showSize();

function send(question) {
  if (conversation.waiting) return false;
  welcome.hidden = true;
  conversation.ask(question);
  return true;
}

function announce(text) {
  announcer.textContent = text;
}

function askAbout(vertex) {
  composer.begin(vertex.types.some((type) => WORK.test(type)) ? `《${vertex.name}》的` : `${vertex.name}的`);
}

function showLanguage() {
  const chinesePage = document.documentElement.lang === "zh-CN";
  Object.assign(find("language"), { lang: chinesePage ? "en" : "zh-CN", textContent: chinesePage ? "English" : "中文" });
}

async function showExamples() {
  const list = find("examples");
  const note = find("examples-note");
  try {
    const questions = await examples(EXAMPLES);
    const buttons = questions.map((text) => chinese("button", text, { type: "button", click: () => send(text) }));
    list.replaceChildren(...buttons.map((button) => make("li", {}, button)));
    if (questions.length) hint(find("question"), "such", { example: questions[0] });
    find("examples-title").hidden = questions.length === 0;
    note.hidden = true;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    list.replaceChildren();
    say(note, "examplesGone").hidden = false;
  }
}

async function showSize() {
  try {
    const { graph } = await info();
    if (graph.vertices === null) return;
    say(find("size"), "size", { vertices: graph.vertices.toLocaleString("en"), edges: graph.edges.toLocaleString("en") });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
  }
}
