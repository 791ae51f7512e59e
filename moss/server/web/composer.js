/**
 * The field where people write, with the switches of the tools and the quality dial under it.
 *
 * A draft is kept for each chat until its message has arrived. Not here: sending (chat.js).
 */

import { openCard } from "./dialog.js";
import { byTouch, h } from "./dom.js";
import { localized, t } from "./i18n.js";
import { icon, toolIcon } from "./icons.js";
import { sends } from "./keyboard.js";
import { session } from "./session.js";

const HIGHEST_QUALITY = 100;
const QUALITY_STEP = 10;

export class Composer {
  /** `on` has send(text), stop(), switched({tools, quality}) and editLast(). */
  constructor(on) {
    this.on = on;
    this.tools = null;
    this.quality = null;
    this.field = h("textarea", {
      id: "composer",
      rows: "1",
      placeholder: t("composer.placeholder"),
      "aria-label": t("composer.label"),
      dir: "auto",
      enterkeyhint: byTouch() ? "enter" : "send",
    });
    this.button = h("button", { type: "button", class: "send", onclick: () => this.#press() });
    this.switches = h("div", { class: "switches", role: "group", "aria-label": t("composer.tools") });
    this.root = h(
      "div",
      { class: "composer" },
      this.field,
      h("div", { class: "composer-bar" }, this.switches, this.button),
    );
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("compositionend", (event) => (this.composedAt = event.timeStamp));
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.root.addEventListener("click", (event) => event.target === this.root && this.field.focus());
    this.running = false;
  }

  /** Shows the stop button while a reply is made. */
  set running(running) {
    this.isRunning = running;
    const label = t(running ? "action.stop" : "action.send");
    this.button.replaceChildren(icon(running ? "stop" : "send"));
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.classList.toggle("stopping", running);
    this.#showReady();
  }

  /** Takes up a chat: its draft and what is switched on in it. */
  use(chatId, { tools = null, quality = null } = {}) {
    this.draftKey = `draft:${chatId ?? "new"}`;
    this.tools = tools;
    this.quality = quality;
    this.field.value = localStorage.getItem(this.draftKey) ?? "";
    this.#fit();
    this.#showSwitches();
    this.running = false;
  }

  /** The new chat has got its id: its draft is that chat's from now on. */
  adopt(chatId) {
    const draft = localStorage.getItem(this.draftKey);
    localStorage.removeItem(this.draftKey);
    this.draftKey = `draft:${chatId}`;
    if (draft) localStorage.setItem(this.draftKey, draft);
  }

  /** The message has arrived: its draft is not needed any more. */
  sent(chatId) {
    localStorage.removeItem(`draft:${chatId}`);
  }

  /** Gives a text back that could not be sent now; what was written since stays below it. */
  restore(text) {
    this.field.value = [text, this.field.value].filter(Boolean).join("\n");
    this.#typed();
  }

  focus() {
    if (!byTouch()) this.field.focus();
  }

  #key(event) {
    if (event.key === "ArrowUp" && !this.field.value && !event.isComposing) {
      if (this.on.editLast()) event.preventDefault();
    } else if (sends(event, this.composedAt) && (!byTouch() || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!this.isRunning) this.#press();
    }
  }

  #press() {
    if (this.isRunning) return this.on.stop();
    const text = this.field.value.trim();
    if (!text) return undefined;
    this.field.value = "";
    this.#fit();
    this.button.disabled = true;
    return this.on.send(text);
  }

  #typed() {
    if (this.field.value) localStorage.setItem(this.draftKey, this.field.value);
    else localStorage.removeItem(this.draftKey);
    this.#showReady();
    this.#fit();
  }

  #showReady() {
    this.button.disabled = !this.isRunning && !this.field.value.trim();
  }

  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  #showSwitches() {
    const { tools = [], quality = false } = session.model;
    const on = new Set(this.tools ?? tools.map((tool) => tool.name));
    this.switches.replaceChildren(
      ...tools.map((tool) => this.#toolSwitch(tool, on)),
      ...(quality ? [this.#dial()] : []),
    );
  }

  #toolSwitch(tool, on) {
    const title = localized(tool.title);
    const toggle = () => {
      if (!on.delete(tool.name)) on.add(tool.name);
      this.tools = session.model.tools.map((other) => other.name).filter((name) => on.has(name));
      button.setAttribute("aria-pressed", on.has(tool.name));
      this.on.switched({ tools: this.tools });
    };
    const button = h(
      "button",
      {
        type: "button",
        class: "switch",
        "aria-pressed": on.has(tool.name),
        "aria-label": title,
        title,
        onclick: toggle,
      },
      toolIcon(tool.name),
      h("span", {}, title),
    );
    return button;
  }

  #dial() {
    const shown = () => (this.quality === null ? t("quality.auto") : String(this.quality));
    const label = h("span", {}, shown());
    const set = (quality, settled) => {
      this.quality = quality;
      label.textContent = shown();
      button.setAttribute("aria-label", `${t("quality.title")}: ${shown()}`);
      if (settled) this.on.switched({ quality });
    };
    const open = () => openCard(button, this.#dialCard(set), { role: "dialog", "aria-label": t("quality.title") });
    const button = h(
      "button",
      {
        type: "button",
        class: "switch dial",
        "aria-haspopup": "dialog",
        "aria-label": `${t("quality.title")}: ${shown()}`,
        title: t("quality.title"),
        onclick: open,
      },
      icon("dial"),
      label,
    );
    return button;
  }

  #dialCard(set) {
    const value = h("output", {}, this.quality === null ? t("quality.auto") : String(this.quality));
    const slider = h("input", {
      type: "range",
      min: "0",
      max: String(HIGHEST_QUALITY),
      step: String(QUALITY_STEP),
      value: this.quality ?? HIGHEST_QUALITY,
      "aria-label": t("quality.title"),
    });
    const auto = h("input", { type: "checkbox", checked: this.quality === null });
    const choose = (settled) => {
      const quality = auto.checked ? null : Number(slider.value);
      value.textContent = quality === null ? t("quality.auto") : String(quality);
      set(quality, settled);
    };
    slider.addEventListener("input", () => {
      auto.checked = false;
      choose(false);
    });
    slider.addEventListener("change", () => choose(true));
    auto.addEventListener("change", () => choose(true));
    return h(
      "div",
      { class: "dial-card" },
      h("div", { class: "dial-head" }, h("strong", {}, t("quality.title")), value),
      slider,
      h("p", { class: "muted" }, t("quality.help")),
      h("label", { class: "check" }, auto, t("quality.useauto")),
    );
  }
}
