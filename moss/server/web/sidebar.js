/** The list of chats: search, pages, rename, delete, and the way to settings. On a phone it is a drawer. */

import { get, patch, remove, withQuery } from "./api.js";
import { confirmDialog, iconButton, openMenu } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon, mark } from "./icons.js";
import { listShortcuts } from "./keyboard.js";
import { navigate } from "./router.js";
import { session } from "./session.js";
import { toastProblem } from "./status.js";
import { tellTabs } from "./tabs.js";

const PAGE = 30;
const LARGEST_PAGE = 100;
const TYPING_PAUSE = 200;
const DAY = 86_400_000;
/** The width below which the list is a drawer; layout.css says the same. */
const NARROW = matchMedia("(max-width: 820px)");

export class Sidebar {
  constructor() {
    this.chats = [];
    this.current = null;
    /** Called with the new title of the chat that is shown. */
    this.renamed = () => {};
    this.query = "";
    this.search = h("input", {
      type: "search",
      id: "search",
      placeholder: t("sidebar.search"),
      "aria-label": t("sidebar.search"),
      oninput: () => this.#typed(),
    });
    this.list = h("div", { class: "chats" });
    this.more = h(
      "button",
      { type: "button", class: "button quiet", hidden: true, onclick: () => this.#load() },
      t("sidebar.more"),
    );
    this.root = h(
      "nav",
      { class: "sidebar", "aria-label": t("sidebar.label") },
      h(
        "div",
        { class: "sidebar-head" },
        h("a", { class: "brand", href: "/", "data-route": true }, mark(), h("span", {}, "MOSS")),
        iconButton("close", t("sidebar.close"), () => this.close(), { class: "icon-button drawer-only" }),
      ),
      h(
        "a",
        { class: "new-chat", href: "/", "data-route": true, onclick: () => this.close() },
        icon("plus"),
        h("span", {}, t("sidebar.new")),
      ),
      h("div", { class: "search" }, icon("search"), this.search),
      h("div", { class: "chat-list" }, this.list, this.more),
      this.#foot(),
    );
    this.shade = h("div", { class: "shade", onclick: () => this.close() });
    // The next page comes by itself when the end is in sight; the button is for keyboards.
    new IntersectionObserver(([entry]) => entry.isIntersecting && !this.more.hidden && this.#load()).observe(this.more);
  }

  /** Loads the list from its beginning, as far as it was shown. */
  async refresh() {
    const asked = this.query;
    const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, this.chats.length));
    try {
      const page = await get(withQuery("/api/chats", { query: asked, limit }));
      if (asked !== this.query) return;
      this.#take([], page);
    } catch (problem) {
      toastProblem(problem);
    }
  }

  /** Marks the chat that is shown. */
  mark(id) {
    this.current = id;
    for (const link of this.list.querySelectorAll("a")) {
      if (link.dataset.id === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Shows the list; as a drawer, which keeps the focus from what is under it. */
  open() {
    document.body.classList.remove("sidebar-closed");
    if (!NARROW.matches) return;
    document.body.classList.add("drawer-open");
    document.getElementById("main").inert = true;
    this.root.querySelector(".new-chat").focus();
  }

  /** Closes the drawer. False when none is open. */
  close() {
    if (!document.body.classList.contains("drawer-open")) return false;
    document.body.classList.remove("drawer-open");
    document.getElementById("main").inert = false;
    document.querySelector(".toggle")?.focus();
    return true;
  }

  /** Shows or hides the list. */
  toggle() {
    if (!NARROW.matches) document.body.classList.toggle("sidebar-closed");
    else if (!this.close()) this.open();
  }

  focusSearch() {
    this.open();
    this.search.focus();
    this.search.select();
  }

  #typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.query = this.search.value.trim();
      this.refresh();
    }, TYPING_PAUSE);
  }

  async #load() {
    this.more.hidden = true;
    const before = this.next;
    try {
      this.#take(this.chats, await get(withQuery("/api/chats", { query: this.query, before, limit: PAGE })));
    } catch (problem) {
      this.more.hidden = false;
      toastProblem(problem);
    }
  }

  #take(earlier, page) {
    this.chats = [...earlier, ...page.chats];
    this.next = page.next;
    this.more.hidden = !page.next;
    this.#show();
  }

  #show() {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const groups = groupedByAge(this.chats);
    const sections = [...groups].map(([age, chats]) =>
      h(
        "section",
        {},
        h("h3", {}, t(`sidebar.${age}`)),
        h(
          "ul",
          {},
          chats.map((chat) => this.#entry(chat)),
        ),
      ),
    );
    this.list.replaceChildren(
      ...(sections.length
        ? sections
        : [h("p", { class: "muted empty" }, t(this.query ? "sidebar.nothing" : "sidebar.empty"))]),
    );
    this.mark(this.current);
    if (focused) this.#focus(focused);
  }

  #focus(id) {
    this.list.querySelector(`a[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  #entry(chat) {
    const title = chat.title || t("chat.untitled");
    const menu = (event) =>
      openMenu(event.currentTarget, [
        { icon: "edit", label: t("action.rename"), run: () => this.#rename(chat, entry) },
        { icon: "trash", label: t("action.delete"), danger: true, run: () => this.delete(chat) },
      ]);
    const entry = h(
      "li",
      {},
      h(
        "a",
        {
          href: `/c/${chat.id}`,
          "data-route": true,
          "data-id": chat.id,
          dir: "auto",
          title,
          onclick: () => this.close(),
        },
        title,
      ),
      iconButton("more", t("sidebar.menu", { title }), menu, { "aria-haspopup": "menu" }),
    );
    return entry;
  }

  #rename(chat, entry) {
    const field = h("input", {
      class: "rename",
      value: chat.title ?? "",
      "aria-label": t("action.rename"),
      maxlength: "200",
    });
    let done = false;
    const finish = async (keep) => {
      if (done) return;
      done = true;
      const title = field.value.trim();
      try {
        if (keep && title && title !== chat.title) {
          Object.assign(chat, { title }, await patch(`/api/chats/${chat.id}`, { title }));
          tellTabs({ chat: chat.id, title: chat.title });
        }
      } catch (problem) {
        toastProblem(problem);
      }
      this.#show();
      if (chat.id === this.current) this.renamed(chat.title);
      this.#focus(chat.id);
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Enter") finish(true);
      if (event.key === "Escape") finish(false);
      event.stopPropagation();
    });
    field.addEventListener("blur", () => finish(true));
    entry.replaceChildren(field);
    field.focus();
    field.select();
  }

  /** Deletes a chat after asking. */
  async delete(chat) {
    if (
      !(await confirmDialog(
        t("delete.title"),
        t("delete.text", { title: chat.title || t("chat.untitled") }),
        t("action.delete"),
      ))
    )
      return;
    try {
      await remove(`/api/chats/${chat.id}`);
      tellTabs({ chat: chat.id, deleted: true });
      this.chats = this.chats.filter((other) => other.id !== chat.id);
      this.#show();
      if (chat.id === this.current) navigate("/");
    } catch (problem) {
      toastProblem(problem);
    }
  }

  #foot() {
    const link = (path, name, text, label) =>
      h(
        "a",
        {
          class: text ? "foot-link" : "icon-button",
          href: path,
          "data-route": true,
          "aria-label": label,
          title: label,
          onclick: () => this.close(),
        },
        icon(name),
        text && h("span", {}, text),
      );
    return h(
      "div",
      { class: "sidebar-foot" },
      link(
        "/settings",
        "gear",
        session.mode === "local" ? t("sidebar.settings") : session.user.name,
        t("sidebar.settings"),
      ),
      session.user.role === "admin" && link("/admin", "chart", null, t("sidebar.admin")),
      iconButton("keyboard", t("shortcut.title"), listShortcuts),
    );
  }
}

function ageOf(updatedAt) {
  const today = new Date().setHours(0, 0, 0, 0);
  if (updatedAt >= today) return "today";
  if (updatedAt >= today - DAY) return "yesterday";
  return updatedAt >= today - 7 * DAY ? "week" : "older";
}

function groupedByAge(chats) {
  const groups = new Map();
  for (const chat of chats) {
    const age = ageOf(chat.updated_at);
    groups.set(age, [...(groups.get(age) ?? []), chat]);
  }
  return groups;
}
