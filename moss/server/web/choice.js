/** Two replies side by side, and the question which is better. Not here: the replies themselves (reply.js). */

import { h } from "./dom.js";
import { t } from "./i18n.js";

const VERDICTS = ["first", "tie", "both_bad", "second"];

/** Fills a holder with two replies; `choose(verdict)` is called once, when both are complete. */
export function fillPair(holder, replies, choose) {
  const columns = replies.map((reply, index) => {
    const name = "AB"[index];
    return h(
      "section",
      { "aria-label": t("choice.label", { name }) },
      h("div", { class: "pair-name" }, t("choice.label", { name })),
      reply.root,
    );
  });
  const buttons = VERDICTS.map((verdict) =>
    h(
      "button",
      { type: "button", class: "button", "data-verdict": verdict, onclick: () => decide(verdict) },
      t(`choice.${verdict}`),
    ),
  );
  const decide = async (verdict) => {
    for (const button of buttons) button.disabled = true;
    await choose(verdict);
    for (const button of buttons) button.disabled = false;
  };
  holder.replaceChildren(
    h("div", { class: "pair-replies" }, columns),
    h(
      "div",
      { class: "verdicts", role: "group", "aria-labelledby": "choice-title" },
      h("strong", { id: "choice-title" }, t("choice.title")),
      buttons,
    ),
  );
}
