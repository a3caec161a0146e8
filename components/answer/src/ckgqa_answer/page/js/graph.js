// The part of the graph that an answer comes from: drawn, and as a list for who cannot see or click the drawing.
import { Trouble, neighbourhood } from "./api.js";
import { make } from "./dom.js";
import { Drawing } from "./drawing.js";
import { GraphView, isFact } from "./graph_view.js";
import { label, say } from "./language.js";
import { about, entry } from "./vertices.js";

const AT_FIRST = 8;
const ADDED = 30;

/** One answer's graph; `askAbout` is called with a vertex whose name somebody wants to ask about. */
export class Graph {
  constructor(path, askAbout) {
    this.view = new GraphView(path);
    this.askAbout = askAbout;
    this.whole = new Set();
    this.fetching = 0;
    this.buttons = new Map();
    this.canvas = make("div", { class: "canvas", role: "img" });
    this.note = say(make("p", { class: "note", role: "status" }), "tap");
    this.count = make("summary");
    this.list = make("ul", { class: "vertices" });
    this.about = make("section", { class: "about", hidden: true });
    this.element = make(
      "details", { class: "graph", open: true, toggle: () => this.toggle() }, say(make("summary"), "graph"),
      this.canvas, legend(), this.note, make("details", { class: "listed" }, this.count, this.list), this.about,
    );
    this.refresh();
    if (this.view.middle) this.fetch(this.view.middle.id, AT_FIRST).catch(quiet);
  }

  /** Look at a vertex: say what is known of it, and add its neighbours. */
  async select(id) {
    this.selected = id;
    this.drawing?.select(id);
    for (const [key, button] of this.buttons) button.setAttribute("aria-pressed", String(key === id));
    this.tell();
    const name = this.view.name(id);
    if (this.whole.has(id)) {
      say(this.note, "none", { name });
      return;
    }
    say(this.note, "loading", { name });
    try {
      const { fresh, more } = await this.fetch(id, ADDED);
      say(this.note, fresh ? "added" : more ? "tooMany" : "none", { name, n: fresh });
      if (fresh && more) this.note.append(" ", say(make("span"), "partly"));
    } catch (error) {
      quiet(error);
      say(this.note, "neighboursFailed", { name });
    }
    this.tell();
  }

  /** Fold the drawing away, for a newer one. */
  close() {
    this.element.open = false;
  }

  async fetch(id, limit) {
    this.busy(1);
    const found = await neighbourhood(id, limit).finally(() => this.busy(-1));
    if (!found.more || limit === ADDED) this.whole.add(id);
    const fresh = this.view.add(found);
    this.refresh();
    this.drawing?.update(id);
    return { fresh, more: found.more };
  }

  busy(change) {
    this.fetching += change;
    this.canvas.setAttribute("aria-busy", String(this.fetching > 0));
  }

  /** Draw when unfolded; a folded graph holds no canvas. */
  toggle() {
    this.drawing?.close();
    this.drawing = null;
    if (!this.element.open) return;
    this.drawing = new Drawing(this.canvas, this.view, (id) => this.select(id));
    if (this.selected) this.drawing.select(this.selected);
  }

  refresh() {
    const vertices = [...this.view.vertices.values()];
    for (const vertex of vertices.filter(({ id }) => !this.buttons.has(id))) {
      const { item, button } = entry(vertex, () => this.select(vertex.id));
      this.buttons.set(vertex.id, button);
      this.list.append(item);
    }
    say(this.count, "list", { n: vertices.length });
    const names = vertices.filter((vertex) => vertex.kind !== "neighbour" && !isFact(vertex)).map(({ name }) => name);
    label(this.canvas, "graphLabel", { names: names.join("、") });
  }

  tell() {
    const vertex = this.view.vertices.get(this.selected);
    this.about.hidden = false;
    this.about.replaceChildren(...about(vertex, this.view.facts(vertex.id), () => this.askAbout(vertex)));
  }
}

function legend() {
  const kinds = [["asked", "legendAsked"], ["path", "legendPath"], ["neighbour", "legendNeighbour"]];
  return make("ul", { class: "legend" }, ...kinds.map(([kind, key]) => make("li", { class: kind }, say(make("span"), key))));
}

/** Let what the server could not give pass, and nothing else. */
function quiet(error) {
  if (!(error instanceof Trouble)) throw error;
}
