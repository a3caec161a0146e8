// The part of the graph that a card shows: the path of the answer, and the neighbours that were added.
export class GraphView {
  /** @param {{vertices: Object[], edges: Object[]}} path of the reply. */
  constructor(path) {
    this.vertices = new Map();
    this.edges = new Map();
    for (const vertex of path.vertices) {
      this.vertices.set(vertex.id, { ...vertex, kind: vertex.asked ? "asked" : "path" });
    }
    for (const edge of path.edges) this.edges.set(edge.id, { ...edge, kind: "path" });
  }

  /** Add a neighbourhood; what is there stays as it is. Returns how many vertices are new. */
  add({ vertices, edges }) {
    const before = this.vertices.size;
    for (const vertex of vertices) {
      if (!this.vertices.has(vertex.id)) this.vertices.set(vertex.id, { ...vertex, kind: "neighbour" });
    }
    for (const edge of edges) {
      if (!this.edges.has(edge.id)) this.edges.set(edge.id, { ...edge, kind: "neighbour" });
    }
    return this.vertices.size - before;
  }

  /** Give the facts that a vertex is part of, as [from, label, to] in names. */
  facts(id) {
    const touching = [...this.edges.values()].filter((edge) => edge.from === id || edge.to === id);
    return touching.map((edge) => [this.name(edge.from), edge.label, this.name(edge.to)]);
  }

  name(id) {
    return this.vertices.get(id)?.name ?? "";
  }

  /** Give the vertex whose neighbours say most: the first that the question named, else the first. */
  get middle() {
    const vertices = [...this.vertices.values()].filter((vertex) => !isFact(vertex));
    return vertices.find((vertex) => vertex.kind === "path") ?? vertices[0];
  }
}

/** Whether a vertex stands for a fact with several slots, and not for a name. */
export const isFact = (vertex) => vertex.types.includes("fact");
