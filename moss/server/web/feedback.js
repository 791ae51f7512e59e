/** What a reader thinks of a reply: thumb, labels and words; and reports. Loaded when somebody first judges. */

import { post, put } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { toast, toastProblem } from "./status.js";

const GOOD = ["helpful", "correct", "well_written", "creative"];
const BAD = ["wrong", "not_helpful", "bad_tool_use", "wrong_language", "too_long", "harmful", "privacy", "other"];
const REASONS = ["harmful", "privacy", "wrong", "other"];

/** Sends a judgement and opens the panel for its reasons; a rating of 0 takes the judgement back. */
export async function giveFeedback(view, feedback) {
  try {
    await put(`/api/messages/${view.message.id}/feedback`, feedback);
  } catch (problem) {
    toastProblem(problem);
    return;
  }
  view.rated(feedback);
  if (feedback.rating === 0) view.panel.replaceChildren();
  else showPanel(view, feedback);
}

function showPanel(view, feedback) {
  const offered = feedback.rating > 0 ? GOOD : BAD;
  const chosen = new Set(feedback.labels.filter((label) => offered.includes(label)));
  const chip = (label) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "label",
        "aria-pressed": chosen.has(label),
        onclick: () => {
          if (!chosen.delete(label)) chosen.add(label);
          button.setAttribute("aria-pressed", chosen.has(label));
        },
      },
      t(`label.${label}`),
    );
    return button;
  };
  const words = h("textarea", {
    class: "input",
    rows: "2",
    value: feedback.text,
    placeholder: t("feedback.text"),
    "aria-label": t("feedback.text"),
    maxlength: "4000",
  });
  const close = () => {
    view.panel.replaceChildren();
    view.actions.querySelector('[aria-pressed="true"]')?.focus();
  };
  const save = async () => {
    const whole = { ...feedback, labels: [...chosen], text: words.value.trim() };
    try {
      await put(`/api/messages/${view.message.id}/feedback`, whole);
      view.rated(whole);
      close();
      toast(t("feedback.thanks"));
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const title = t(feedback.rating > 0 ? "feedback.good" : "feedback.bad");
  view.panel.replaceChildren(
    h("strong", {}, title),
    h("div", { class: "labels", role: "group", "aria-label": title }, offered.map(chip)),
    words,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "button small", onclick: close }, t("action.close")),
      h("button", { type: "button", class: "button small primary", onclick: save }, t("action.save")),
    ),
  );
  view.panel.querySelector(".label").focus();
  view.panel.scrollIntoView({ block: "nearest" });
}

/** Asks why a reply is reported, and reports it. */
export function openReport(message) {
  const reasons = REASONS.map((reason, index) =>
    h(
      "label",
      { class: "check" },
      h("input", { type: "radio", name: "reason", value: reason, checked: index === 0 }),
      t(`label.${reason}`),
    ),
  );
  const words = h("textarea", {
    class: "input",
    rows: "3",
    placeholder: t("feedback.text"),
    "aria-label": t("feedback.text"),
    maxlength: "4000",
  });
  const send = async () => {
    const reason = dialog.querySelector("input:checked").value;
    try {
      await post(`/api/messages/${message.id}/report`, { reason, text: words.value.trim() });
      dialog.close();
      toast(t("report.thanks"));
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const dialog = openDialog(t("report.title"), [
    h("p", {}, t("report.text")),
    h("div", { class: "reasons", role: "radiogroup", "aria-label": t("report.reason") }, reasons),
    words,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, t("action.cancel")),
      h("button", { type: "button", class: "button primary", onclick: send }, t("report.send")),
    ),
  ]);
}
