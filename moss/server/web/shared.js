/** A shared chat, as everybody with its link sees it: to be read, and nothing else. */

import { get } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon, mark } from "./icons.js";
import { QuestionView } from "./message.js";
import { ReplyView } from "./reply.js";
import { Tree } from "./tree.js";

/** The view of a shared chat. */
export async function sharedView(id) {
  const head = h(
    "header",
    { class: "topbar" },
    h("a", { class: "brand", href: "/" }, mark(), h("span", {}, "MOSS")),
    h("span", { class: "title" }, t("shared.by")),
    h("a", { class: "button small", href: "/" }, t("shared.own")),
  );
  try {
    const { title, chat, messages } = await get(`/api/shared/${encodeURIComponent(id)}`);
    const name = title ?? chat?.title ?? "";
    document.title = `${name} · MOSS`;
    const views = new Tree(messages, chat?.leaf_id ?? null)
      .path()
      .map((message) =>
        message.role === "user"
          ? new QuestionView(message, null)
          : new ReplyView({ ...message, status: message.status === "running" ? "interrupted" : message.status }, null),
      );
    return h(
      "main",
      { id: "main", class: "main" },
      head,
      h(
        "div",
        { class: "scroller" },
        h(
          "div",
          { class: "log" },
          h("h1", { class: "shared-title", dir: "auto" }, name),
          views.map((view) => view.root),
        ),
      ),
    );
  } catch (problem) {
    if (problem.text === undefined) throw problem;
    return h(
      "main",
      { id: "main", class: "unreachable" },
      icon("link"),
      h("h1", {}, problem.status === 404 ? t("shared.missing") : problem.text),
      h("a", { class: "button", href: "/" }, t("shared.own")),
    );
  }
}
