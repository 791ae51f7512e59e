/** Where the page begins: who is here, in which language, and which view the address asks for. */

import { Chat } from "./chat.js";
import { h } from "./dom.js";
import { preferredLanguage, t, useLanguage } from "./i18n.js";
import { icon } from "./icons.js";
import { startShortcuts } from "./keyboard.js";
import { navigate, rename, startRouter } from "./router.js";
import { refreshSession, session } from "./session.js";
import { Sidebar } from "./sidebar.js";
import { toast } from "./status.js";

/** What covers more of the window than this is a keyboard and not a toolbar. */
const KEYBOARD_PIXELS = 120;

const app = document.getElementById("app");
let sidebar = null;
let chat = null;

async function begin() {
  followKeyboard();
  // Both at once; the account's language, if it is another one, costs a second request.
  const [, problem] = await Promise.all([
    useLanguage(preferredLanguage(null)),
    refreshSession().catch((error) => error),
  ]);
  if (session) {
    const wanted = preferredLanguage(session.user?.language);
    if (wanted !== document.documentElement.lang.slice(0, 2)) await useLanguage(wanted);
  }
  addEventListener("signed-out", signedOut);
  startShortcuts({
    new: () => navigate("/"),
    search: () => sidebar?.focusSearch(),
    sidebar: () => sidebar?.toggle(),
    stop: () => sidebar?.close() || (chat?.stop() ?? false),
    compose: () => chat?.composer.field.focus(),
  });
  if (!session && !location.pathname.startsWith("/s/")) return showUnreachable(problem);
  return startRouter(show);
}

async function show({ view, id }) {
  if (view === "shared") return showShared(id);
  if (!session.user) return showAccount();
  if (!sidebar) mountShell();
  chat.leave();
  if (view === "missing") {
    rename("/");
    toast(t("page.missing"));
  }
  if (view === "chat" || view === "missing") {
    if (!chat.root.isConnected) swapMain(chat.root);
    return chat.open(id ?? null);
  }
  sidebar.mark(null);
  const [module] = await Promise.all([
    view === "admin" ? import("./admin.js") : import("./settings.js"),
    addStyles("pages.css"),
  ]);
  return swapMain(module.view(() => sidebar.toggle()));
}

function mountShell() {
  sidebar = new Sidebar();
  chat = new Chat(sidebar);
  const pass = (event) => {
    event.preventDefault();
    (document.getElementById("composer") ?? document.querySelector("h1"))?.focus();
  };
  const skip = h("a", { class: "skip", href: "#main", onclick: pass }, t("skip"));
  app.replaceChildren(skip, sidebar.root, sidebar.shade, chat.root);
  sidebar.refresh();
}

function swapMain(main) {
  document.getElementById("main").replaceWith(main);
  main.querySelector("h1")?.focus();
}

async function showShared(id) {
  const [{ sharedView }] = await Promise.all([import("./shared.js"), addStyles("pages.css")]);
  app.replaceChildren(await sharedView(id));
}

async function showAccount() {
  const [{ accountView }] = await Promise.all([import("./account.js"), addStyles("pages.css")]);
  app.replaceChildren(accountView());
  app.querySelector("input")?.focus();
}

/** Adds a style sheet that the first page does without, once; resolves when it is there, so that nothing shows bare. */
function addStyles(name) {
  const address = new URL(`./${name}`, import.meta.url).href;
  if (document.querySelector(`link[href="${address}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    document.head.append(h("link", { rel: "stylesheet", href: address, onload: resolve, onerror: resolve }));
  });
}

function signedOut() {
  if (session?.user && session.mode === "public") {
    session.user = null;
    chat?.leave();
    showAccount();
  }
}

function showUnreachable(problem) {
  const again = h(
    "button",
    { type: "button", class: "button primary", onclick: () => location.reload() },
    t("action.retry"),
  );
  app.replaceChildren(
    h(
      "main",
      { id: "main", class: "unreachable" },
      icon("alert"),
      h("h1", {}, t("error.title")),
      h("p", {}, problem?.text ?? ""),
      again,
    ),
  );
}

/** The height that a phone's keyboard leaves; browsers that resize the page for it have it already. */
function followKeyboard() {
  visualViewport?.addEventListener("resize", () => {
    const { height, scale } = visualViewport;
    const covered = innerHeight - height * scale > KEYBOARD_PIXELS;
    document.documentElement.style.setProperty("--height", covered ? `${height}px` : "100dvh");
  });
}

begin();
