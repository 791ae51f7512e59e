/**
 * The conversation: shows one path through a chat's messages, sends, and follows the replies that are being made.
 *
 * A message is shown at once and carries an id of ours, so that sending it again after a failure makes no second one.
 * Not here: how a message looks (reply.js, message.js), how a log is followed (stream.js).
 */

import { get, newId, patch, post, put, remove } from "./api.js";
import { Composer } from "./composer.js";
import { iconButton, openMenu } from "./dialog.js";
import { arrange, copyText, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { QuestionView } from "./message.js";
import { ReplyView } from "./reply.js";
import { navigate, rename } from "./router.js";
import { session } from "./session.js";
import { examples, greeting } from "./start.js";
import { say, toast, toastProblem } from "./status.js";
import { Tail } from "./stream.js";
import { hearTabs, tellTabs } from "./tabs.js";
import { Tree } from "./tree.js";

/** This near to the end (in pixels), the page follows what arrives. */
const NEAR_END = 80;
const UNTITLED_CHARACTERS = 60;
/** What the server says of a message that it will not take however often it comes: it is too long, it makes no sense. */
const REFUSED_FOR_GOOD = new Set([400, 413]);

export class Chat {
  constructor(sidebar) {
    this.sidebar = sidebar;
    this.composer = new Composer({
      send: (text) => this.send(text),
      stop: () => this.stop(),
      switched: (change) => this.#keepSwitches(change),
      editLast: () => this.editLast(),
    });
    this.title = h("h1", { class: "title", dir: "auto" });
    this.chatActions = h("div", { class: "chat-actions" });
    this.log = h("div", {
      class: "log",
      role: "log",
      "aria-live": "off",
      "aria-busy": false,
      "aria-label": t("chat.log"),
    });
    this.welcome = h("div", { class: "welcome" });
    this.examples = h("div", { class: "below" });
    this.scroller = h("div", { class: "scroller" }, this.welcome, this.log);
    this.toEnd = iconButton("down", t("chat.toend"), () => this.#scrollToEnd(true), {
      class: "icon-button to-end",
      hidden: true,
    });
    this.root = h(
      "main",
      { id: "main", class: "main" },
      h(
        "header",
        { class: "topbar" },
        iconButton("menu", t("sidebar.toggle"), () => sidebar.toggle(), { class: "icon-button toggle" }),
        this.title,
        this.chatActions,
      ),
      this.scroller,
      h(
        "div",
        { class: "dock" },
        this.toEnd,
        this.composer.root,
        this.examples,
        h("p", { class: "caution" }, t("chat.caution")),
      ),
    );
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // What arrives makes the log longer; whoever reads at its end stays there.
    new ResizeObserver(() => this.following && this.#scrollToEnd()).observe(this.log);
    addEventListener("online", () => this.#deliverWaiting());
    hearTabs((change) => this.#heardFromTab(change));
    sidebar.renamed = (title) => this.#showTitle(title);
    this.#reset(null);
  }

  /** Shows a chat, or an empty one for null. */
  async open(id) {
    this.leave();
    this.#reset(id);
    this.sidebar.mark(id);
    if (id === null) return this.composer.focus();
    this.log.setAttribute("aria-busy", "true");
    try {
      await this.#load(id);
      this.#scrollToEnd();
      this.composer.focus();
    } catch (problem) {
      this.#showMissing(problem);
    }
    return undefined;
  }

  /** Stops following; the replies go on. */
  leave() {
    for (const tail of this.tails.values()) tail.close();
    this.tails.clear();
  }

  /** Sends a message below the shown path, or below another parent (for an edit). */
  async send(text, parent = this.tree.leaf) {
    const last = this.tree.get(parent);
    if (last?.unsent) {
      // What comes first has to arrive first.
      this.composer.restore(text);
      await this.#deliver(last);
      return;
    }
    const clientId = newId();
    const message = { id: clientId, parent_id: parent, role: "user", text, created_at: Date.now(), unsent: true };
    this.tree.add(message);
    this.tree.leaf = clientId;
    this.following = true;
    this.#show();
    await this.#deliver(message);
  }

  async #deliver(message) {
    const view = this.views.get(message.id);
    view.pending();
    this.composer.running = true;
    const { tools, quality } = this.composer;
    const body = { client_msg_id: message.id, parent_id: message.parent_id, text: message.text, tools, quality };
    try {
      const chatId = this.chat.id ?? (await this.#create(message.text));
      const answer = await post(`/api/chats/${chatId}/messages`, body);
      this.composer.sent(chatId);
      this.sidebar.refresh();
      // The reader may be elsewhere by now; the reply goes on without being looked at.
      if (this.chat.id !== chatId) return;
      if (this.tree.get(message.id)) this.tree.drop(message.id);
      this.tree.add(answer.message);
      this.tree.leaf = answer.message.id;
      this.views.delete(message.id);
      this.#begin(answer, answer.message.id);
    } catch (problem) {
      if (problem.text === undefined) throw problem;
      if (!view.root.isConnected) {
        toastProblem(problem);
        return;
      }
      this.composer.running = false;
      message.waits = problem.status === 0;
      if (REFUSED_FOR_GOOD.has(problem.status)) this.#takeBack(message, problem);
      else view.fail(problem);
    }
  }

  /** Sends what was written without a network, once there is one again. */
  #deliverWaiting() {
    const waiting = this.tree.path().find((message) => message.unsent && message.waits);
    if (waiting && this.root.isConnected) this.#deliver(waiting);
  }

  /** Puts a message that was refused back into the field, to be changed; left in the log it would be in the way. */
  #takeBack(message, problem) {
    this.tree.drop(message.id);
    this.tree.select(message.parent_id ?? null);
    this.views.delete(message.id);
    if (message.parent_id === null && this.tree.messages.size === 0) this.#abandon();
    this.composer.restore(message.text);
    this.#show();
    toastProblem(problem);
  }

  /** Leaves the chat that was made for a message which was then refused; in the list it would be an empty one. */
  #abandon() {
    const { id } = this.chat;
    if (id === null) return;
    remove(`/api/chats/${id}`)
      .then(() => this.sidebar.refresh())
      .catch(toastProblem);
    rename("/");
    this.sidebar.mark(null);
    this.#reset(null);
  }

  /** Makes the chat that is shown, if it still is; returns the chat's id. */
  async #create(text) {
    const { tools, quality } = this.composer;
    const shown = this.chat;
    const made = await post("/api/chats", {});
    if (this.chat !== shown) return made.id;
    this.chat = { ...made, tools, quality };
    rename(`/c/${this.chat.id}`);
    this.sidebar.mark(this.chat.id);
    this.#showTitle(this.chat.title || text.slice(0, UNTITLED_CHARACTERS));
    this.composer.adopt(this.chat.id);
    // What was switched before there was a chat is the chat's from now on.
    if (tools !== null || quality !== null) this.#keepSwitches({ tools, quality });
    this.#showChatActions();
    return made.id;
  }

  /** Shows the replies that have been begun below a message, and follows them. */
  #begin({ generations, choice_id = null }, parent) {
    for (const { id, message_id } of generations) {
      const known = this.tree.get(message_id);
      const reply = {
        id: message_id,
        parent_id: parent,
        role: "assistant",
        text: "",
        html: "",
        thoughts: [],
        tools: [],
        created_at: Date.now(),
        ...known,
        status: "running",
        generation_id: id,
        choice_id,
      };
      this.tree.add(reply);
      this.views.delete(message_id);
    }
    this.tree.select(generations[0].message_id);
    this.following = true;
    this.#show();
    tellTabs({ chat: this.chat.id });
  }

  async #load(id) {
    const { chat, messages } = await get(`/api/chats/${encodeURIComponent(id)}`);
    if (this.chat.id !== id) return;
    this.leave();
    this.outdated = false;
    this.chat = chat;
    this.tree = new Tree(messages, chat.leaf_id);
    this.views.clear();
    this.composer.use(id, chat);
    this.#showTitle(chat.title);
    this.#showChatActions();
    this.#show();
  }

  /** Looks what has become of the chat; where the server cannot say, whoever follows a reply keeps trying. */
  async #reload() {
    try {
      await this.#load(this.chat.id);
    } catch (problem) {
      if (problem.status !== 0 && !(problem.status >= 500)) this.#showMissing(problem);
    }
  }

  #reset(id) {
    this.chat = { id, title: "" };
    this.outdated = false;
    this.tree = new Tree();
    this.views = new Map();
    this.tails ??= new Map();
    this.following = true;
    this.composer.use(id);
    this.#showTitle("");
    this.#showChatActions();
    this.#show();
  }

  #show() {
    const path = this.tree.path();
    const empty = path.length === 0 && this.chat.id === null;
    this.root.classList.toggle("empty", empty);
    this.welcome.replaceChildren(...(empty ? [greeting()] : []));
    this.examples.replaceChildren(...(empty ? [examples((text) => this.send(text))] : []));
    arrange(
      this.log,
      path.map((message) => this.#viewOf(message).root),
    );
    for (const message of path) if (message.status === "running") this.#follow(message);
    this.#showBusy();
  }

  #viewOf(message) {
    const pair = this.#undecided(message);
    const key = pair ? message.choice_id : message.id;
    if (!this.views.has(key)) this.views.set(key, pair ? this.#pairView(pair) : this.#singleView(message));
    const view = this.views.get(key);
    if (!pair) {
      const siblings = this.tree.siblings(message);
      view.place(siblings.indexOf(message), siblings.length);
    }
    return view;
  }

  #singleView(message) {
    const make = message.role === "user" ? QuestionView : ReplyView;
    const act = {
      copy: (text) => this.#copy(text),
      edit: (view, text) => this.send(text, view.message.parent_id),
      retry: (view) => this.#deliver(view.message),
      step: (view, by) => this.#step(view.message, by),
      rate: (view, rating) => this.#rate(view, rating),
      regenerate: (view) => this.#again(view.message, "regenerate"),
      resume: (view) => this.#again(view.message, "continue"),
      more: (view, anchor) => this.#replyMenu(view, anchor),
    };
    return new make(message, act);
  }

  /** The two replies that the reader has still to choose from, if this is one of them. */
  #undecided(message) {
    if (!message.choice_id || this.chat.decided?.has(message.choice_id)) return null;
    const pair = this.tree.siblings(message).filter((other) => other.choice_id === message.choice_id);
    return pair.length === 2 ? pair : null;
  }

  #pairView(pair) {
    const replies = pair.map((message) => new ReplyView(message, null));
    pair.forEach((message, index) => this.views.set(message.id, replies[index]));
    const holder = h("div", { class: "pair" });
    import("./choice.js").then(({ fillPair }) => fillPair(holder, replies, (verdict) => this.#choose(pair, verdict)));
    for (const message of pair) if (message.status === "running") this.#follow(message);
    return { root: holder };
  }

  async #choose(pair, verdict) {
    const id = pair[0].choice_id;
    try {
      await put(`/api/choices/${id}`, { verdict });
    } catch (problem) {
      toastProblem(problem);
      return;
    }
    (this.chat.decided ??= new Set()).add(id);
    for (const key of [id, ...pair.map((message) => message.id)]) this.views.delete(key);
    this.tree.select(pair[verdict === "second" ? 1 : 0].id);
    this.#keepLeaf();
    this.#show();
    tellTabs({ chat: this.chat.id });
    toast(t("choice.thanks"));
  }

  #follow(message) {
    const id = message.generation_id;
    if (this.tails.has(id)) return;
    const view = () => this.views.get(message.id);
    const tail = new Tail(id, {
      event: (type, data) => (type === "end" ? this.#ended(id, message, data) : view()?.apply(type, data)),
      connection: (state) => view()?.connection(state),
      lost: () => this.#reload(),
    });
    this.tails.set(id, tail);
  }

  #ended(generation, message, { message: done }) {
    this.tails.delete(generation);
    const finished = { ...message, ...done, status: done?.status ?? "complete" };
    this.tree.add(finished);
    this.views.get(message.id)?.finish(finished);
    this.#showBusy();
    say(finished.text ? t("status.answered", { text: finished.text }) : t(`reply.${finished.status}`));
    this.sidebar.refresh();
    if (this.outdated && this.tails.size === 0) this.#reload();
  }

  #showBusy() {
    const busy = this.tails.size > 0;
    this.composer.running = busy;
    this.log.setAttribute("aria-busy", String(busy));
  }

  /** Stops what is being made in this chat. False when nothing is. */
  stop() {
    if (this.tails.size === 0) return false;
    for (const id of this.tails.keys()) post(`/api/generations/${id}/stop`).catch(toastProblem);
    return true;
  }

  /** Opens the last question of the path for editing. False when there is none. */
  editLast() {
    const last = this.tree.path().findLast((message) => message.role === "user");
    if (!last || this.tails.size) return false;
    this.views.get(last.id).edit();
    return true;
  }

  async #again(message, how) {
    const { tools, quality } = this.composer;
    const { id } = this.chat;
    try {
      const answer = await post(`/api/messages/${message.id}/${how}`, { client_msg_id: newId(), tools, quality });
      if (this.chat.id === id) this.#begin(answer, message.parent_id);
    } catch (problem) {
      toastProblem(problem);
    }
  }

  #step(message, by) {
    const siblings = this.tree.siblings(message);
    const next = siblings[siblings.findIndex((other) => other.id === message.id) + by];
    this.tree.select(next.id);
    this.following = false;
    this.#show();
    this.#keepLeaf();
    const arrows = this.views.get(next.id)?.root.querySelectorAll(".siblings button:not([disabled])");
    arrows?.[by < 0 ? 0 : arrows.length - 1]?.focus();
  }

  #keepLeaf() {
    patch(`/api/chats/${this.chat.id}`, { leaf_id: this.tree.leaf }).catch(toastProblem);
  }

  #keepSwitches(change) {
    Object.assign(this.chat, change);
    if (this.chat.id !== null) patch(`/api/chats/${this.chat.id}`, change).catch(toastProblem);
  }

  async #rate(view, rating) {
    const before = view.message.feedback;
    const wanted = before?.rating === rating ? 0 : rating;
    const { giveFeedback } = await import("./feedback.js");
    await giveFeedback(view, { labels: [], text: "", ...(before?.rating === wanted ? before : {}), rating: wanted });
  }

  #replyMenu(view, anchor) {
    const { message } = view;
    openMenu(anchor, [
      { icon: "image", label: t("share.picture"), run: () => this.#sharing("sharePicture", message) },
      message.text && { icon: "right", label: t("action.continue"), run: () => this.#again(message, "continue") },
      { icon: "flag", label: t("report.title"), run: async () => (await import("./feedback.js")).openReport(message) },
    ]);
  }

  async #sharing(what, ...given) {
    const sharing = await import("./sharing.js");
    const question = given[0]?.parent_id ? this.tree.get(given[0].parent_id)?.text : "";
    sharing[what](this.chat, ...given, question);
  }

  #showChatActions() {
    const { id } = this.chat;
    const menu = (event) =>
      openMenu(event.currentTarget, [
        { icon: "file", label: t("export.markdown"), href: `/api/chats/${id}/export?format=md`, download: "" },
        { icon: "download", label: t("export.jsonl"), href: `/api/chats/${id}/export?format=jsonl`, download: "" },
        { icon: "sprout", label: t("chat.collect"), checked: this.#mayCollect(), run: () => this.#toggleCollect() },
        { icon: "trash", label: t("action.delete"), danger: true, run: () => this.sidebar.delete(this.chat) },
      ]);
    this.chatActions.replaceChildren(
      ...(id === null
        ? []
        : [
            iconButton("share", t("share.title"), () => this.#sharing("openShare")),
            iconButton("more", t("chat.menu"), menu, { "aria-haspopup": "menu" }),
          ]),
    );
  }

  /** Whether this chat may be used for training: as it was said for it, or for all. */
  #mayCollect() {
    return this.chat.collect ?? session.consent.granted === true;
  }

  async #toggleCollect() {
    const collect = !this.#mayCollect();
    try {
      await patch(`/api/chats/${this.chat.id}`, { collect });
      this.chat.collect = collect;
      toast(t(collect ? "chat.collected" : "chat.notcollected"));
    } catch (problem) {
      toastProblem(problem);
    }
  }

  #showTitle(title) {
    if (this.chat.id !== null && title) this.chat.title = title;
    this.title.textContent = title || "";
    document.title = title ? `${title} · MOSS` : "MOSS";
  }

  #showMissing(problem) {
    if (problem.text === undefined) throw problem;
    this.log.setAttribute("aria-busy", "false");
    this.log.replaceChildren(
      h(
        "div",
        { class: "notice failed", role: "alert" },
        icon("alert"),
        h("span", {}, problem.status === 404 ? t("chat.missing") : problem.text),
        h(
          "button",
          {
            type: "button",
            class: "button small",
            onclick: () => (problem.status === 404 ? navigate("/") : this.open(this.chat.id)),
          },
          t(problem.status === 404 ? "sidebar.new" : "action.retry"),
        ),
      ),
    );
  }

  async #copy(text) {
    await copyText(text);
    toast(t("status.copied"));
  }

  /** Another tab has changed a chat: the list, and what is shown if it is that one, are out of date. */
  #heardFromTab({ chat, title, deleted }) {
    this.sidebar.refresh();
    // Another view is shown, or another chat: whoever opens this one gets it as it is then.
    if (chat !== this.chat.id || !this.root.isConnected) return;
    if (deleted) {
      navigate("/");
      toast(t("chat.deleted"));
    } else if (title) this.#showTitle(title);
    // A reply that is being followed is not interrupted.
    else if (this.tails.size) this.outdated = true;
    else this.#reload();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Only going up leaves the end: a reply may grow by more than a little between our scrolling and this event.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.following = true;
    else if (scrollTop < this.scrolledTo) this.following = false;
    this.scrolledTo = scrollTop;
    this.toEnd.hidden = this.following;
  }

  #scrollToEnd(smoothly = false) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !still ? "smooth" : "instant" });
  }
}
