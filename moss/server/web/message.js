/** A person's message: what was asked, and its editing. Not here: replies (reply.js). */

import { iconButton } from "./dialog.js";
import { byTouch, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { sends } from "./keyboard.js";

/** The arrows between siblings, `‹ 2/3 ›`; nothing where there is only one. */
export function siblingArrows(place, step) {
  const [index, count] = place ?? [0, 1];
  if (count < 2) return [];
  return [
    h(
      "span",
      { class: "siblings", role: "group", "aria-label": t("siblings.label", { index: index + 1, count }) },
      iconButton("left", t("siblings.previous"), () => step(-1), { disabled: index === 0 }),
      h("span", {}, `${index + 1}/${count}`),
      iconButton("right", t("siblings.next"), () => step(1), { disabled: index === count - 1 }),
    ),
  ];
}

export class QuestionView {
  /** `act` has copy, edit(view, text), retry and step. */
  constructor(message, act) {
    this.message = message;
    this.act = act;
    this.bubble = h("div", { class: "bubble", dir: "auto" }, message.text);
    this.actions = h("div", { class: "actions" });
    this.notice = h("div", { class: "notice failed", role: "alert", hidden: true });
    this.content = h("div", { class: "content" }, this.bubble, this.notice, this.actions);
    this.root = h(
      "article",
      { class: "message question", "data-id": message.id, "aria-label": t("question.label") },
      this.content,
    );
    this.#showActions();
  }

  place(index, count) {
    this.sibling = [index, count];
    this.#showActions();
  }

  /** Shows that the message did not arrive, and why; it is kept here until it does. */
  fail(problem) {
    this.notice.hidden = false;
    this.notice.replaceChildren(
      icon("alert"),
      h("span", {}, `${t("question.unsent")} ${problem.text}`),
      h("button", { type: "button", class: "button small", onclick: () => this.act.retry(this) }, t("action.retry")),
    );
  }

  /** Hides what went wrong: it is being tried again. */
  pending() {
    this.notice.hidden = true;
  }

  /** Turns the bubble into a field with the text. */
  edit() {
    const field = h("textarea", {
      class: "edit-field",
      value: this.message.text,
      "aria-label": t("action.edit"),
      dir: "auto",
    });
    const done = (text) => {
      editor.replaceWith(this.bubble);
      this.actions.hidden = false;
      if (text && text !== this.message.text) this.act.edit(this, text);
      else this.actions.querySelector("button")?.focus();
    };
    field.addEventListener("compositionend", (event) => (field.composed = event.timeStamp));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done(null);
      else if (sends(event, field.composed) && !byTouch()) {
        event.preventDefault();
        done(field.value.trim());
      }
    });
    const editor = h(
      "div",
      { class: "editor" },
      field,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", class: "button", onclick: () => done(null) }, t("action.cancel")),
        h(
          "button",
          { type: "button", class: "button primary", onclick: () => done(field.value.trim()) },
          t("action.send"),
        ),
      ),
    );
    this.bubble.replaceWith(editor);
    this.actions.hidden = true;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #showActions() {
    if (!this.act) return;
    this.actions.replaceChildren(
      iconButton("copy", t("action.copy"), () => this.act.copy(this.message.text)),
      iconButton("edit", t("action.edit"), () => this.edit()),
      ...siblingArrows(this.sibling, (step) => this.act.step(this, step)),
    );
  }
}
