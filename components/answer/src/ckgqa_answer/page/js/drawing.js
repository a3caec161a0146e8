// Draws a graph with cytoscape.js, which the page loads before its modules.
import { still } from "./dom.js";
import { styles } from "./drawing_style.js";
import { isFact } from "./graph_view.js";

const AROUND = 90;
const LAYOUT = { name: "cose", randomize: false, animate: false, fit: false, nodeDimensionsIncludeLabels: true,
  idealEdgeLength: () => 70, nodeRepulsion: (vertex) => (vertex.hasClass("neighbour") ? 9000 : 60000), gravity: 0.5, numIter: 800 };
const MOVE_MS = 400;
const [SIDE, EDGE] = [56, 30];
/** Square pixels that a vertex with its name needs; where there are fewer, the picture is shown smaller. */
const ROOM = 9500;
const WIDEST = 1.6;

/** A drawing in `container` of the vertices and edges of `view`; `tapped` is called with the id of a vertex that is clicked. */
export class Drawing {
  constructor(container, view, tapped) {
    this.view = view;
    this.cy = cytoscape({ container, style: styles(), minZoom: 0.3, maxZoom: 2, boxSelectionEnabled: false });
    this.cy.on("tap", "node", (event) => tapped(event.target.id()));
    this.cy.on("resize", () => this.arrange());
    this.gone = new AbortController();
    const { signal } = this.gone;
    const restyle = () => this.cy.style(styles());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle, { signal });
    document.addEventListener("language", restyle, { signal });
    // The wheel scrolls the page; with Ctrl, or by pinching, it zooms.
    container.addEventListener("wheel", (event) => event.ctrlKey || event.stopPropagation(), { capture: true, signal });
    this.update(view.middle?.id);
  }

  /** Draw what is new, beginning round the vertex `around`. */
  update(around) {
    const fresh = [...this.view.vertices.values()].filter((vertex) => !this.cy.hasElementWithId(vertex.id));
    const middle = this.cy.getElementById(around ?? "").position() ?? { x: 0, y: 0 };
    this.cy.add(fresh.map((vertex, index) => node(vertex, middle, (2 * Math.PI * index) / fresh.length)));
    const edges = [...this.view.edges.values()].filter((edge) => !this.cy.hasElementWithId(edge.id));
    this.cy.add(edges.map(link));
    if (fresh.length) this.arrange();
  }

  /** Mark the vertex that is looked at. */
  select(id) {
    this.cy.elements().unselect();
    this.cy.getElementById(id).select();
  }

  close() {
    this.gone.abort();
    this.cy.destroy();
  }

  /** Find places by forces, and stretch them to the canvas, so that names keep their size. */
  arrange() {
    // A canvas that is taken off the page changes its size too.
    if (this.cy.destroyed() || !this.cy.width()) return;
    const before = places(this.cy.nodes());
    const layout = this.cy.layout(LAYOUT);
    layout.one("layoutstop", () => {
      const positions = this.stretched(places(this.cy.nodes()));
      this.cy.nodes().positions((vertex) => before[vertex.id()]);
      const animate = !still();
      this.cy.layout({ name: "preset", positions, padding: EDGE, fit: true, animate, animationDuration: MOVE_MS }).run();
    });
    layout.run();
  }

  stretched(found) {
    const [width, height] = [this.cy.width(), this.cy.height()];
    const scale = Math.max(1, Math.sqrt((this.cy.nodes().length * ROOM) / (width * height)));
    const side = Math.min(SIDE, width / 7);
    const x = spread(Object.values(found).map((place) => place.x), (width - 2 * side) * scale);
    const y = spread(Object.values(found).map((place) => place.y), (height - 2 * EDGE - SIDE / 2) * scale);
    return Object.fromEntries(Object.entries(found).map(([id, place]) => [id, { x: x(place.x), y: y(place.y) }]));
  }
}

/** Give a function that spreads places on an axis over its room: half by distance, half evenly, against crowds. */
function spread(found, room) {
  const sorted = [...found].sort((one, other) => one - other);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const width = Math.min(room, WIDEST * (most - least));
  const even = (place) => sorted.indexOf(place) / Math.max(1, sorted.length - 1);
  return (place) => width * ((place - least) / (most - least || 1) + even(place)) / 2;
}

function places(nodes) {
  return Object.fromEntries(nodes.map((vertex) => [vertex.id(), { ...vertex.position() }]));
}

function node(vertex, middle, angle) {
  const position = { x: middle.x + AROUND * Math.cos(angle), y: middle.y + AROUND * Math.sin(angle) };
  const data = { id: vertex.id, name: vertex.name };
  return { group: "nodes", data, position, classes: [vertex.kind, isFact(vertex) ? "fact" : "name"] };
}

function link({ id, from, to, label, kind }) {
  return { group: "edges", data: { id, source: from, target: to, label }, classes: [kind] };
}
