/** What a reply did on its way: inner thoughts behind a light bulb, and every tool call with its state. */

import { h, ownImage } from "./dom.js";
import { localized, t } from "./i18n.js";
import { icon, toolIcon } from "./icons.js";
import { session } from "./session.js";

/** Results up to this long are shown beside the call. */
const SHORT_RESULT = 28;
const STATE_ICONS = { ok: "check", failed: "alert", timeout: "alert", stopped: "stop" };

/** The name of a tool in the reader's language. */
export function toolTitle(name) {
  const tool = session?.model?.tools.find((other) => other.name === name);
  return tool ? localized(tool.title) : name;
}

/** The inner thoughts: a light bulb, and behind it the text. */
export class Thoughts {
  constructor() {
    this.text = h("div", { class: "thought-text", dir: "auto" });
    this.root = h(
      "details",
      { class: "step thoughts", hidden: true },
      h("summary", {}, icon("bulb"), h("span", { class: "step-name" }, t("thoughts.title"))),
      this.text,
    );
  }

  set(thoughts) {
    this.root.hidden = thoughts.length === 0;
    this.text.replaceChildren(...thoughts.map((thought) => h("p", {}, thought)));
  }

  /** More text of the thought that is being made. */
  add(text) {
    this.root.hidden = false;
    if (!this.text.lastChild) this.text.append(h("p"));
    this.text.lastChild.append(text);
  }

  /** The next text begins a new thought. */
  close() {
    if (this.text.lastChild?.textContent) this.text.append(h("p"));
  }
}

/** One tool call: its name and argument, and behind them everything. */
export function toolStep(tool) {
  const told = ["failed", "timeout", "stopped"].includes(tool.status);
  const short =
    tool.status === "ok" &&
    tool.result &&
    tool.result.length <= SHORT_RESULT &&
    !tool.result.includes("\n") &&
    tool.name !== "Text2Image";
  const state = t(`tool.${tool.status}`);
  return h(
    "details",
    { class: `step tool ${tool.status}`, "data-index": tool.index },
    h(
      "summary",
      {},
      toolIcon(tool.name),
      h("span", { class: "step-name" }, toolTitle(tool.name)),
      h("span", { class: "step-argument", dir: "auto" }, tool.argument),
      short && h("span", { class: "step-result" }, `→ ${tool.result}`),
      h(
        "span",
        { class: "step-state", title: state },
        tool.status === "running" ? h("span", { class: "spinner" }) : icon(STATE_ICONS[tool.status] ?? "check"),
        h("span", { class: told ? "" : "unseen" }, state),
      ),
    ),
    h(
      "dl",
      {},
      h("dt", {}, t("tool.argument")),
      h("dd", {}, h("pre", { tabindex: "0", dir: "auto" }, tool.argument)),
      tool.result && [
        h("dt", {}, t("tool.result")),
        h("dd", {}, h("pre", { tabindex: "0", dir: "auto" }, tool.result)),
      ],
    ),
  );
}

/** The images of these calls; what is not on this server is left out. */
export function toolImages(tools) {
  return tools.flatMap((tool) =>
    (tool.files ?? [])
      .filter(ownImage)
      .map((file) =>
        h(
          "a",
          { class: "picture", href: file, target: "_blank", rel: "noopener" },
          h("img", { src: file, alt: tool.argument, loading: "lazy" }),
        ),
      ),
  );
}

/** The sources of these calls, each once, in the order of their numbers. */
export function citationsOf(tools) {
  const found = new Map();
  for (const citation of tools.flatMap((tool) => tool.citations ?? [])) found.set(citation.index, citation);
  return [...found.values()].sort((one, other) => one.index - other.index);
}

/** A source as a chip: a link where it is on the web, else a button that shows what was found. */
export function sourceChip(citation, show) {
  const label = [
    h("span", { class: "chip-number" }, String(citation.index)),
    h("span", { class: "chip-title", dir: "auto" }, citation.title || citation.source),
  ];
  if (isWebAddress(citation.source)) {
    return h(
      "a",
      { class: "source", href: citation.source, target: "_blank", rel: "noopener noreferrer nofollow" },
      label,
      icon("external"),
    );
  }
  return h(
    "button",
    { class: "source", type: "button", onclick: (event) => show(citation.index, event.currentTarget) },
    label,
  );
}

/** What a source says, for a small card. */
export function sourceCard(citation) {
  return h(
    "div",
    { class: "source-card" },
    h("strong", { dir: "auto" }, `${citation.index} · ${citation.title || citation.source}`),
    citation.snippet && h("p", { dir: "auto" }, citation.snippet),
    isWebAddress(citation.source)
      ? h("a", { href: citation.source, target: "_blank", rel: "noopener noreferrer nofollow" }, citation.source)
      : h("span", { class: "muted" }, citation.source),
  );
}

function isWebAddress(source) {
  return /^https?:\/\//i.test(source ?? "");
}
