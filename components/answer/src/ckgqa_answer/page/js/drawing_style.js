// How the graph looks: the page's own colours and font, light or dark.
import { roleWords } from "./asked.js";


/** Give cytoscape's style sheet in the colours that hold now. */
export function styles() {
  const page = getComputedStyle(document.documentElement);
  const colour = (name) => page.getPropertyValue(`--${name}`).trim();
  const [ink, soft, card, rule] = ["ink", "soft", "card", "rule"].map(colour);
  const [accent, warm, quiet, font] = ["accent", "warm", "quiet", "font"].map(colour);
  return [
    { selector: "node", style: {
      label: "data(name)", width: 20, height: 20, "background-color": quiet, "border-width": 1.5, "border-color": soft,
      color: ink, "font-family": font, "font-size": 13, "text-valign": "bottom", "text-margin-y": 4,
      "text-wrap": "ellipsis", "text-max-width": 120, "text-outline-color": card, "text-outline-width": 2.5 } },
    { selector: "node.path", style: { width: 30, height: 30, "background-color": accent, "border-color": accent, "font-weight": 600 } },
    { selector: "node.asked", style: { width: 34, height: 34, "background-color": warm, "border-color": warm, "font-weight": 600 } },
    { selector: "node.fact", style: { shape: "diamond", width: 18, height: 18, color: soft, "font-size": 11 } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": ink } },
    { selector: "edge", style: {
      width: 1.4, "line-color": rule, "target-arrow-color": rule, "target-arrow-shape": "triangle", "arrow-scale": 0.8,
      "curve-style": "bezier", label: (edge) => roleWords(edge.data("label")), color: soft, "font-family": font, "font-size": 11,
      "min-zoomed-font-size": 8, "text-rotation": "autorotate", "text-outline-color": card, "text-outline-width": 2.5 } },
    { selector: "edge.path", style: { "z-index": 1, width: 2.6, "line-color": accent, "target-arrow-color": accent, color: ink } },
  ];
}
