/** The settings: looks, privacy, API keys, the account and where it is logged in. Loaded when somebody opens them. */

import { get, patch, post, put, remove } from "./api.js";
import { confirmDialog, iconButton, openDialog } from "./dialog.js";
import { copyText, download, h } from "./dom.js";
import { formatTime, LANGUAGES, language, t } from "./i18n.js";
import { icon } from "./icons.js";
import { listShortcuts } from "./keyboard.js";
import { refreshSession, session } from "./session.js";
import { toast, toastProblem } from "./status.js";

/** The view of the settings; `toggle` shows or hides the sidebar. */
export function view(toggle) {
  document.title = `${t("settings.title")} · MOSS`;
  const isPublic = session.mode === "public";
  return h(
    "main",
    { id: "main", class: "main" },
    h("header", { class: "topbar" }, iconButton("menu", t("sidebar.toggle"), toggle, { class: "icon-button toggle" })),
    h(
      "div",
      { class: "scroller" },
      h(
        "div",
        { class: "page" },
        h("h1", { tabindex: "-1" }, t("settings.title")),
        appearance(),
        privacy(),
        isPublic && keys(),
        isPublic && account(),
        danger(),
      ),
    ),
  );
}

/** Runs a change and says that it is saved, or why not. */
async function save(change, done = t("status.saved")) {
  try {
    await change();
    if (done) toast(done);
    return true;
  } catch (problem) {
    toastProblem(problem);
    return false;
  }
}

function section(title, ...content) {
  return h("section", { class: "panel-section" }, h("h2", {}, title), content);
}

function row(label, control, help) {
  return h(
    "div",
    { class: "row" },
    h("div", {}, h("div", {}, label), help && h("p", { class: "muted" }, help)),
    control,
  );
}

function select(label, options, chosen, onchange) {
  return h(
    "select",
    { class: "input", "aria-label": label, onchange: (event) => onchange(event.currentTarget.value) },
    Object.entries(options).map(([value, name]) => h("option", { value, selected: value === chosen }, name)),
  );
}

function appearance() {
  const themes = { system: t("settings.system"), light: t("settings.light"), dark: t("settings.dark") };
  const useTheme = (theme) => {
    localStorage.setItem("theme", theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  const changeLanguage = async (wanted) => {
    localStorage.setItem("language", wanted);
    await save(() => patch("/api/me", { language: wanted }), null);
    location.reload();
  };
  return section(
    t("settings.appearance"),
    row(t("settings.language"), select(t("settings.language"), LANGUAGES, language, changeLanguage)),
    row(t("settings.theme"), select(t("settings.theme"), themes, localStorage.getItem("theme") ?? "system", useTheme)),
    row(
      t("settings.shortcuts"),
      h(
        "button",
        { type: "button", class: "button small", onclick: listShortcuts, "aria-label": t("settings.shortcuts") },
        icon("keyboard"),
      ),
    ),
  );
}

function privacy() {
  const { version, granted } = session.consent;
  const box = h("input", {
    type: "checkbox",
    role: "switch",
    checked: granted === true,
    "aria-label": t("settings.consent"),
  });
  box.addEventListener("change", async () => {
    const kept = await save(() => put("/api/consent", { version, granted: box.checked }));
    if (kept) await refreshSession();
    else box.checked = !box.checked;
  });
  return section(
    t("settings.privacy"),
    row(t("settings.consent"), box, t("consent.text")),
    row(
      t("settings.export"),
      h(
        "button",
        { type: "button", class: "button small", onclick: () => download("/api/me/export", "moss.zip") },
        icon("download"),
        t("action.download"),
      ),
      t("settings.exporttext"),
    ),
  );
}

function keys() {
  const list = h("ul", { class: "rows" });
  const name = h("input", {
    class: "input",
    placeholder: t("settings.keyname"),
    "aria-label": t("settings.keyname"),
    maxlength: "100",
    required: true,
  });
  const show = async () => {
    const { keys: all } = await get("/api/keys");
    const valid = all.filter((key) => !key.revoked_at);
    list.replaceChildren(
      ...(valid.length ? valid.map((key) => keyRow(key, show)) : [h("li", { class: "muted" }, t("settings.keynone"))]),
    );
  };
  const create = async (event) => {
    event.preventDefault();
    await save(async () => {
      const made = await post("/api/keys", { name: name.value.trim() });
      name.value = "";
      showSecret(t("settings.keynew"), made.key);
      await show();
    }, null);
  };
  show().catch(toastProblem);
  return section(
    t("settings.keys"),
    h("p", { class: "muted" }, t("settings.keystext")),
    list,
    h(
      "form",
      { class: "inline-form", onsubmit: create },
      name,
      h("button", { type: "submit", class: "button" }, icon("key"), t("action.create")),
    ),
  );
}

function keyRow(key, changed) {
  const revoke = async () => {
    if (await save(() => remove(`/api/keys/${key.id}`))) await changed();
  };
  const used = key.last_used_at ? t("settings.lastused", { time: formatTime(key.last_used_at) }) : t("settings.unused");
  return h(
    "li",
    {},
    h(
      "span",
      {},
      h("strong", { dir: "auto" }, key.name),
      " ",
      h("code", {}, `${key.prefix}…`),
      h("small", { class: "muted" }, used),
    ),
    h("button", { type: "button", class: "button small danger", onclick: revoke }, t("action.revoke")),
  );
}

/** Shows what is shown only once: a key, an invitation. */
export function showSecret(explanation, secret) {
  const copy = async () => {
    await copyText(secret);
    toast(t("status.copied"));
  };
  openDialog(
    explanation,
    h("div", { class: "secret" }, h("code", {}, secret), iconButton("copy", t("action.copy"), copy)),
  );
}

function account() {
  const old = h("input", {
    class: "input",
    type: "password",
    name: "old",
    autocomplete: "current-password",
    required: true,
  });
  const fresh = h("input", {
    class: "input",
    type: "password",
    name: "new",
    autocomplete: "new-password",
    required: true,
    minlength: "8",
  });
  const change = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const saved = await save(async () => {
      await patch("/api/me", { password: { old: old.value, new: fresh.value } });
      // It has ended every session, and begun another one here.
      await Promise.all([refreshSession(), logins.show()]);
    });
    if (saved) form.reset();
  };
  const logins = sessions();
  const own = section(
    t("settings.account"),
    row(
      session.user.name,
      h(
        "button",
        { type: "button", class: "button small", onclick: () => leave(() => post("/api/logout")) },
        t("settings.logout"),
      ),
    ),
    h(
      "form",
      { class: "form", onsubmit: change },
      h("label", { class: "field" }, h("span", {}, t("settings.oldpassword")), old),
      h("label", { class: "field" }, h("span", {}, t("settings.newpassword")), fresh),
      h("div", { class: "buttons" }, h("button", { type: "submit", class: "button" }, t("settings.changepassword"))),
    ),
  );
  return [own, logins.section];
}

/** Does what ends the login of this page, and begins anew. */
async function leave(ending) {
  if (await save(ending, null)) location.reload();
}

/** Where the account is logged in: the section, and `show`, which asks for it again. */
function sessions() {
  const list = h("ul", { class: "rows" });
  const end = (path) => async () => {
    if (await save(() => remove(path), t("settings.ended"))) await show().catch(toastProblem);
  };
  const endOf = ({ id, current }) => {
    const path = `/api/sessions/${id}`;
    return current ? () => leave(() => remove(path)) : end(path);
  };
  const button = (label, onclick) => h("button", { type: "button", class: "button small", onclick }, label);
  const all = h(
    "div",
    { class: "buttons", hidden: true },
    button(t("settings.logoutall"), () => leave(() => post("/api/logout-all"))),
    button(t("settings.endothers"), end("/api/sessions")),
  );
  const show = async () => {
    const { sessions: found } = await get("/api/sessions");
    list.replaceChildren(...found.map((login) => sessionRow(login, endOf(login))));
    all.hidden = found.length < 2;
  };
  show().catch(toastProblem);
  const explanation = h("p", { class: "muted" }, t("settings.sessionstext"));
  return { section: section(t("settings.sessions"), explanation, list, all), show };
}

function sessionRow(login, end) {
  const { browser, system } = login;
  const device = browser && system ? t("device.both", { browser, system }) : (browser ?? system ?? t("device.unknown"));
  const seen = login.current
    ? t("settings.thissession")
    : t("settings.lastseen", { time: formatTime(login.last_seen_at) });
  const since = t("settings.since", { time: formatTime(login.created_at) });
  return h(
    "li",
    {},
    h("span", {}, h("strong", {}, device), h("small", { class: "muted" }, `${seen} · ${since}`)),
    h(
      "button",
      { type: "button", class: "button small danger", "aria-label": `${t("settings.end")}: ${device}`, onclick: end },
      t("settings.end"),
    ),
  );
}

function danger() {
  const isLocal = session.mode === "local";
  const title = t(isLocal ? "settings.deletelocal" : "settings.deleteaccount");
  return section(
    title,
    row(
      t(isLocal ? "settings.deletelocaltext" : "settings.deletetext"),
      h(
        "button",
        {
          type: "button",
          class: "button small danger",
          onclick: () => (isLocal ? deleteLocal(title) : deleteAccount(title)),
        },
        t("action.delete"),
      ),
    ),
  );
}

async function deleteLocal(title) {
  if (!(await confirmDialog(title, t("settings.deletelocaltext"), t("action.delete")))) return;
  if (await save(() => remove("/api/me"), null)) location.assign("/");
}

function deleteAccount(title) {
  const password = h("input", {
    class: "input",
    type: "password",
    autocomplete: "current-password",
    required: true,
    "aria-label": t("account.password"),
  });
  const confirm = async (event) => {
    event.preventDefault();
    if (await save(() => remove("/api/me", { password: password.value }), null)) location.assign("/");
  };
  openDialog(
    title,
    h(
      "form",
      { class: "form", onsubmit: confirm },
      h("p", {}, t("settings.deletetext")),
      password,
      h("div", { class: "buttons" }, h("button", { type: "submit", class: "button danger" }, t("action.delete"))),
    ),
  );
}
