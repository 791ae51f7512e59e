/** What an empty chat shows: a greeting, examples of what the loaded assistant can do, and the question of consent. */

import { h } from "./dom.js";
import { put } from "./api.js";
import { language, t } from "./i18n.js";
import { icon, mark } from "./icons.js";
import { refreshSession, session } from "./session.js";
import { toast, toastProblem } from "./status.js";

/** The greeting over the composer. */
export function greeting() {
  return h(
    "div",
    { class: "greeting" },
    mark(),
    h("h2", {}, t("start.title")),
    h("p", {}, t("start.subtitle", { model: session.model.name })),
  );
}

/** The examples under it; a click asks. */
export function examples(ask) {
  const texts = session.model.examples?.[language] ?? [];
  return h(
    "div",
    { class: "examples", role: "group", "aria-label": t("start.examples") },
    texts.map((text) =>
      h(
        "button",
        { type: "button", class: "example", dir: "auto", onclick: () => ask(text) },
        h("span", {}, text),
        icon("send"),
      ),
    ),
    consentCard(),
  );
}

/** Asks once whether chats may be used for training; null when that has been answered. */
function consentCard() {
  const { version, granted } = session.consent ?? {};
  if (!version || granted !== null) return null;
  const answer = async (wanted) => {
    try {
      await put("/api/consent", { version, granted: wanted });
      await refreshSession();
      card.remove();
      toast(t(wanted ? "consent.thanks" : "consent.declined"));
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const card = h(
    "section",
    { class: "consent", "aria-labelledby": "consent-title" },
    h("h3", { id: "consent-title" }, t("consent.title")),
    h("p", {}, t("consent.text")),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "button", onclick: () => answer(false) }, t("consent.no")),
      h("button", { type: "button", class: "button", onclick: () => answer(true) }, t("consent.yes")),
    ),
  );
  return card;
}
