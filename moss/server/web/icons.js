/** The page's icons, drawn on a grid of 24 with one stroke. Not here: what they mean; a button says that in words. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  alert: "M12 4 2.8 20h18.4zM12 10.5v4M12 17.3v.2",
  bulb: "M9 17.5c0-2-3.2-3.4-3.2-7.3a6.2 6.2 0 0 1 12.4 0c0 3.9-3.2 5.3-3.2 7.3zM9.8 21h4.4",
  calculator:
    "M6 3.5h12a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1zM8.5 7.5h7M8.5 12h.01M12 12h.01M15.5 12h.01M8.5 16h.01M12 16h.01M15.5 16h.01",
  chart: "M4 4v16h16M8.5 16v-4M13 16V8M17.5 16v-6",
  check: "m5 12.5 4.5 4.5L19 7.5",
  close: "m6 6 12 12M18 6 6 18",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  dial: "M4.5 17.5a9 9 0 1 1 15 0M12 14l4-5M12 14h.01",
  down: "m6 9.5 6 6 6-6",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
  edit: "m4 20 .8-4L16 4.8l3.2 3.2L8 19.2zM13.5 7.3l3.2 3.2",
  external: "M13 5h6v6M19 5l-8.5 8.5M17 14v5H5V7h5",
  file: "M6 3.5h8l4 4v13H6zM13.5 3.5V8H18",
  flag: "M6 21V4.5c4-2 8 2 12 0v9c-4 2-8-2-12 0",
  gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM9 14.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 3-3L20 17M15.5 9h.01",
  key: "M14.5 13.5a4.5 4.5 0 1 1 1-7.8 4.5 4.5 0 0 1-1 7.8zM11.3 11.8 4 19v1.5h3v-2h2v-2l2-2",
  keyboard: "M3 6.5h18v11H3zM7 10h.01M10.3 10h.01M13.6 10h.01M17 10h.01M8 14h8",
  left: "M14.5 6 8.5 12l6 6",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3",
  menu: "M4 7h16M4 12h16M4 17h10",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  plus: "M12 5v14M5 12h14",
  redo: "M19 12a7 7 0 1 1-2.2-5.1M19.5 3.5v4.2h-4.2",
  right: "m9.5 6 6 6-6 6",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.3 15.3 20 20",
  send: "M12 19V5.5M6 11l6-6 6 6",
  share: "M12 14V4M8 7.5 12 3.5l4 4M6 12v8h12v-8",
  sigma: "M17 7V5H7l5.5 7L7 19h10v-2",
  sprout: "M12 20v-8M12 12c0-4-3-6-7-6 0 4 3 6 7 6zM12 10c0-3 2.5-5 7-5 0 4-3 6-7 6",
  stop: "M8 7h8a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1z",
  thumbdown: "M7 4v9.5M7 4h9.3a2 2 0 0 1 2 1.6l1.2 5.5a2 2 0 0 1-2 2.4H14l.8 4a2 2 0 0 1-3.6 1.4L7 13.5H4V4z",
  thumbup: "M7 20v-9.5M7 20h9.3a2 2 0 0 0 2-1.6l1.2-5.5a2 2 0 0 0-2-2.4H14l.8-4a2 2 0 0 0-3.6-1.4L7 10.5H4V20z",
  tool: "M14.5 5.5a4.5 4.5 0 0 0-.3 5.3L5 20l-1-1 9.2-9.2a4.5 4.5 0 0 0 5.3-.3 4.5 4.5 0 0 0 1-5L16.5 7.5l-2-2 3-3a4.5 4.5 0 0 0-3 3z",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 13h8.4L17 7M10.5 11v5M13.5 11v5",
  user: "M12 4.5a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6zM5 20c.6-3.6 3.4-5.3 7-5.3s6.4 1.7 7 5.3",
};

/** The icon of this name, hidden from screen readers. */
export function icon(name) {
  const svg = svgElement("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" });
  svg.append(svgElement("path", { d: PATHS[name] }));
  return svg;
}

/** An SVG element with these attributes. */
export function svgElement(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** MOSS's mark: three cushions of moss and a spore. */
export function mark() {
  const svg = svgElement("svg", { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true" });
  svg.append(
    svgElement("path", { class: "moss-light", d: "M15 25a8 8 0 0 1 16 0z" }),
    svgElement("path", { class: "moss-mid", d: "M1 25a10 10 0 0 1 20 0z" }),
    svgElement("path", { class: "moss-deep", d: "M11 25a6 6 0 0 1 12 0z" }),
    svgElement("circle", { class: "moss-light", cx: 24.5, cy: 9.5, r: 2.5 }),
    svgElement("path", { class: "moss-stem", d: "M24.5 11v7" }),
  );
  return svg;
}

/** The icon of a tool by its name; a wrench for one that is not ours. */
export function toolIcon(name) {
  return icon({ Search: "search", Calculate: "calculator", Solve: "sigma", Text2Image: "image" }[name] ?? "tool");
}
