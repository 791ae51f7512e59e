/** Bars as SVG, for numbers by day and by kind. Each has its figures as text, too, for who cannot see it. */

import { h } from "./dom.js";
import { formatNumber, t } from "./i18n.js";
import { svgElement } from "./icons.js";

const WIDTH = 640;
const ROW = 26;
const NAME_WIDTH = 170;
const VALUE_WIDTH = 60;
const COLUMN_HEIGHT = 160;
const AXIS_HEIGHT = 24;
const DATE_LABELS = 6;

/** Bars lying down, the longest first: [[name, number], ...]. */
export function bars(entries, label) {
  const sorted = [...entries].sort((one, other) => other[1] - one[1]);
  const most = Math.max(1, ...sorted.map(([, number]) => number));
  const svg = frame(sorted.length * ROW, label);
  sorted.forEach(([name, number], index) => {
    const top = index * ROW;
    const width = ((WIDTH - NAME_WIDTH - VALUE_WIDTH) * number) / most;
    svg.append(
      text(name, { x: NAME_WIDTH - 10, y: top + 17, "text-anchor": "end" }),
      svgElement("rect", {
        class: "bar",
        x: NAME_WIDTH,
        y: top + 4,
        width: Math.max(2, width),
        height: ROW - 8,
        rx: 5,
      }),
      text(formatNumber(number), { class: "value", x: NAME_WIDTH + width + 8, y: top + 17 }),
    );
  });
  return h("div", {}, svg, table(sorted));
}

/** Standing bars in the order given, for days: [["2026-11-21", number], ...]. */
export function columns(entries, label) {
  const most = Math.max(1, ...entries.map(([, number]) => number));
  const step = WIDTH / Math.max(1, entries.length);
  const every = Math.max(1, Math.ceil(entries.length / DATE_LABELS));
  const svg = frame(COLUMN_HEIGHT + AXIS_HEIGHT, label);
  svg.append(
    svgElement("line", { class: "grid", x1: 0, x2: WIDTH, y1: COLUMN_HEIGHT, y2: COLUMN_HEIGHT }),
    text(formatNumber(most), { x: 0, y: 12 }),
  );
  entries.forEach(([name, number], index) => {
    const height = ((COLUMN_HEIGHT - 20) * number) / most;
    const bar = svgElement("rect", {
      class: "bar",
      x: index * step + step * 0.15,
      y: COLUMN_HEIGHT - height,
      width: Math.min(step * 0.7, 48),
      height,
      rx: Math.min(4, step / 4),
    });
    const title = svgElement("title", {});
    title.textContent = `${name}: ${formatNumber(number)}`;
    bar.append(title);
    svg.append(bar);
    if (index % every === 0) svg.append(text(name.slice(5), { x: index * step + step * 0.15, y: COLUMN_HEIGHT + 16 }));
  });
  return h("div", {}, svg, table(entries));
}

function frame(height, label) {
  return svgElement("svg", {
    class: "plot",
    viewBox: `0 0 ${WIDTH} ${Math.max(ROW, height)}`,
    role: "img",
    "aria-label": label,
  });
}

function text(words, attributes) {
  const element = svgElement("text", attributes);
  element.textContent = words;
  return element;
}

function table(entries) {
  const rows = entries.map(([name, number]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "number" }, formatNumber(number))),
  );
  return h(
    "details",
    {},
    h("summary", {}, t("admin.table")),
    h("div", { class: "sheet" }, h("table", {}, h("tbody", {}, rows))),
  );
}
