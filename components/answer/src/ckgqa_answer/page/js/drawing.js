// Draws a graph with cytoscape.js, which the page loads before its modules.
import { still } from "./dom.js";
import { styles } from "./drawing_style.js";
import { isFact } from "./known.js";

const PADDING = 26;
const LAYOUT = { name: "cose", randomize: false, fit: true, padding: PADDING, nodeDimensionsIncludeLabels: true,
  idealEdgeLength: () => 76, nodeRepulsion: () => 9000, nodeOverlap: 12, gravity: 0.6, numIter: 800 };
const AROUND = 90;

/** A drawing in `container` of what `known` holds; `tapped` is called with the id of a vertex that is clicked. */
export class Drawing {
  constructor(container, known, tapped) {
    this.known = known;
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => this.cy.style(styles());
    this.cy = cytoscape({ container, style: styles(), minZoom: 0.3, maxZoom: 1.6, boxSelectionEnabled: false });
    this.cy.on("tap", "node", (event) => tapped(event.target.id()));
    this.cy.on("resize", () => this.cy.fit(undefined, PADDING));
    this.dark.addEventListener("change", this.recolour);
    // The wheel scrolls the page; with Ctrl, or by pinching, it zooms.
    container.addEventListener("wheel", (event) => event.ctrlKey || event.stopPropagation(), { capture: true });
    this.update(known.middle?.id);
  }

  /** Draw what is new, beginning round the vertex `around`, and lay everything out. */
  update(around) {
    const fresh = [...this.known.vertices.values()].filter((vertex) => !this.cy.hasElementWithId(vertex.id));
    const middle = this.cy.getElementById(around ?? "").position() ?? { x: 0, y: 0 };
    this.cy.add(fresh.map((vertex, index) => node(vertex, middle, (2 * Math.PI * index) / fresh.length)));
    const edges = [...this.known.edges.values()].filter((edge) => !this.cy.hasElementWithId(edge.id));
    this.cy.add(edges.map(link));
    if (fresh.length) this.cy.layout({ ...LAYOUT, animate: still() ? false : "end", animationDuration: 400 }).run();
  }

  /** Mark the vertex that is looked at. */
  select(id) {
    this.cy.elements().unselect();
    this.cy.getElementById(id).select();
  }

  close() {
    this.dark.removeEventListener("change", this.recolour);
    this.cy.destroy();
  }
}

function node(vertex, middle, angle) {
  const position = { x: middle.x + AROUND * Math.cos(angle), y: middle.y + AROUND * Math.sin(angle) };
  const data = { id: vertex.id, name: vertex.name };
  return { group: "nodes", data, position, classes: [vertex.place, isFact(vertex) ? "fact" : "name"] };
}

function link({ id, from, to, label, place }) {
  return { group: "edges", data: { id, source: from, target: to, label }, classes: [place] };
}
