// The few signs on the buttons, as SVG.
const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  up: "M7 10v10H4V10zm0 0 4-7c1.6 0 2.2 1.2 2.2 1.9V9h5.2a2 2 0 0 1 2 2.4l-1.3 7a2 2 0 0 1-2 1.6H7",
  down: "M17 14V4h3v10zm0 0-4 7c-1.6 0-2.2-1.2-2.2-1.9V15H5.6a2 2 0 0 1-2-2.4l1.3-7a2 2 0 0 1 2-1.6H17",
};

/** Make a sign that screen readers pass over. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
