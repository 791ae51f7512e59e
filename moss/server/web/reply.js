/**
 * One reply of the assistant: steps, text, pictures, sources and what can be done with it, whole or while it is made.
 *
 * Text arrives as plain words; when a paragraph is closed, the server sends it as HTML once and the words go. Not here:
 * where events come from (stream.js), and what the actions do (chat.js).
 */

import { openCard, iconButton } from "./dialog.js";
import { h } from "./dom.js";
import { formatTime, localized, t } from "./i18n.js";
import { icon, mark } from "./icons.js";
import { siblingArrows } from "./message.js";
import { plainTail, proseElement, setMarkup } from "./prose.js";
import { citationsOf, sourceCard, sourceChip, Thoughts, toolImages, toolStep, toolTitle } from "./tools.js";

const NOTICES = new Set(["stopped", "failed", "interrupted", "blocked"]);

export class ReplyView {
  /** `act` has a function for each action: copy, rate, regenerate, resume, more, step. */
  constructor(message, act) {
    this.message = message;
    this.act = act;
    this.tools = new Map();
    this.thoughts = new Thoughts();
    this.steps = h("div", { class: "steps" }, this.thoughts.root);
    this.stage = h("div", { class: "stage", hidden: true });
    this.prose = proseElement((number, anchor) => this.#cite(number, anchor));
    this.tail = h("p", { class: "tail", dir: "auto" });
    this.pictures = h("div", { class: "pictures" });
    this.sources = h("div", { class: "sources" });
    this.notice = h("div", { class: "notice", hidden: true });
    this.panel = h("div", { class: "panel" });
    this.actions = h("div", { class: "actions" });
    this.root = h(
      "article",
      { class: "message reply", "data-id": message.id, "aria-label": t("reply.label") },
      h("div", { class: "gutter" }, mark()),
      h(
        "div",
        { class: "content" },
        this.steps,
        this.stage,
        this.prose,
        this.pictures,
        this.sources,
        this.notice,
        this.actions,
        this.panel,
      ),
    );
    if (message.status === "running") this.begin();
    else this.finish(message);
  }

  /** Shows an empty reply that is about to be made. */
  begin() {
    this.root.classList.add("running");
    this.tailText = "";
    this.closed = 0;
    this.prose.replaceChildren(this.tail);
    this.tail.textContent = "";
    this.#showStage(t("stage.thinking"));
  }

  /** Takes one event of the log. */
  apply(type, data) {
    switch (type) {
      case "queued":
        return this.#showStage(t("stage.queued", { position: data.position, waiting: data.waiting }));
      case "stage":
        if (data.stage === "tool") this.thoughts.close();
        return this.#showStage(data.stage === "answering" ? null : t(`stage.${data.stage}`));
      case "thought":
        return this.thoughts.add(data.text);
      case "tool":
        this.#setTool(data);
        return this.#showStage(
          data.status === "running" ? t("stage.using", { tool: toolTitle(data.name) }) : t("stage.thinking"),
        );
      case "text":
        return this.#addText(data.text);
      case "block":
        return this.#closeBlock(data);
      case "error":
        return this.#showError(data);
      default:
        return undefined;
    }
  }

  /** Shows the whole reply as it is kept. */
  finish(message) {
    this.message = message;
    this.root.classList.remove("running");
    this.#showStage(null);
    this.thoughts.set(message.thoughts ?? []);
    for (const tool of message.tools ?? []) this.#setTool(tool);
    setMarkup(this.prose, message.html ?? "");
    this.#showFindings();
    if (message.error) this.#showError(message.error);
    this.#showNotice(message.status);
    this.#showActions();
  }

  /** Shows which of its siblings this is. */
  place(index, count) {
    this.sibling = [index, count];
    if (this.message.status !== "running") this.#showActions();
  }

  /** Shows whether the page hears from the server. */
  connection(state) {
    if (this.message.status !== "running") return;
    if (state !== "open") this.#showStage(t(`connection.${state}`));
    else if (this.cutOff) this.#showStage(this.tailText || this.closed ? null : t("stage.thinking"));
    this.cutOff = state !== "open";
  }

  /** Shows the reader's judgement. */
  rated(feedback) {
    this.message.feedback = feedback;
    this.#showActions();
  }

  #showStage(text) {
    this.stage.hidden = text === null;
    if (text !== null) this.stage.replaceChildren(h("span", { class: "breath" }), h("span", {}, text));
  }

  #addText(text) {
    this.#showStage(null);
    this.tailText += text;
    if (this.frame) return;
    // Once a frame is often enough for the eye.
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.tail.textContent = plainTail(this.tailText);
    });
  }

  #closeBlock({ html, text_end }) {
    // The server counts characters, JavaScript counts halves of some of them.
    const characters = [...this.tailText];
    this.tailText = characters.slice(text_end - this.closed).join("");
    this.closed = text_end;
    const block = h("div");
    setMarkup(block, html);
    this.tail.before(...block.childNodes);
    this.tail.textContent = plainTail(this.tailText);
  }

  #setTool(tool) {
    const open = this.steps.querySelector(`[data-index="${Number(tool.index)}"]`)?.open;
    const step = toolStep(tool);
    step.open = Boolean(open);
    this.tools.set(tool.index, tool);
    const before = this.steps.querySelector(`[data-index="${Number(tool.index)}"]`);
    if (before) before.replaceWith(step);
    else this.steps.append(step);
    if (tool.files?.length) this.#showFindings();
  }

  #showFindings() {
    const tools = [...this.tools.values()];
    const citations = citationsOf(tools);
    this.pictures.replaceChildren(...toolImages(tools));
    this.sources.hidden = citations.length === 0;
    this.sources.replaceChildren(
      h("span", { class: "sources-label" }, t("sources.title")),
      ...citations.map((citation) => sourceChip(citation, (number, anchor) => this.#cite(number, anchor))),
    );
  }

  #cite(number, anchor) {
    const citation = citationsOf([...this.tools.values()]).find(({ index }) => index === number);
    if (citation) openCard(anchor, sourceCard(citation));
  }

  #showError({ message, retry_after }) {
    const wait = retry_after ? ` ${t("error.wait", { seconds: retry_after })}` : "";
    this.errorText = localized(message) + wait;
  }

  #showNotice(status) {
    // An answer that a limit cut off is complete for the server; the reader should know, and may have the rest.
    const cut = status === "complete" && this.message.finish_reason === "length";
    this.notice.hidden = !cut && !NOTICES.has(status);
    if (this.notice.hidden) return;
    const goOn = cut || status === "stopped" || status === "interrupted";
    this.notice.className = `notice ${status}`;
    this.notice.replaceChildren(
      icon(status === "stopped" ? "stop" : "alert"),
      h("span", {}, this.errorText || t(cut ? "reply.length" : `reply.${status}`)),
      this.act &&
        goOn &&
        this.message.text &&
        h(
          "button",
          { type: "button", class: "button small", onclick: () => this.act.resume(this) },
          t("action.continue"),
        ),
      this.act &&
        status !== "blocked" &&
        h(
          "button",
          { type: "button", class: "button small", onclick: () => this.act.regenerate(this) },
          t("action.retry"),
        ),
    );
  }

  #showActions() {
    if (!this.act) return;
    const rating = this.message.feedback?.rating ?? 0;
    const thumb = (name, value) =>
      iconButton(name, t(`action.${name}`), () => this.act.rate(this, value), { "aria-pressed": rating === value });
    this.actions.replaceChildren(
      ...siblingArrows(this.sibling, (step) => this.act.step(this, step)),
      iconButton("copy", t("action.copy"), () => this.act.copy(this.message.text)),
      thumb("thumbup", 1),
      thumb("thumbdown", -1),
      iconButton("redo", t("action.regenerate"), () => this.act.regenerate(this)),
      iconButton("more", t("action.more"), (event) => this.act.more(this, event.currentTarget), {
        "aria-haspopup": "menu",
      }),
      h("span", { class: "about" }, this.#about()),
    );
  }

  #about() {
    const { model, quality, created_at } = this.message;
    const dialled = quality === null || quality === undefined ? null : t("quality.value", { quality });
    return [model, dialled, created_at && formatTime(created_at)].filter(Boolean).join(" · ");
  }
}
