/** The administration: people, invites, keys, reports, load, and what was asked and judged, as plots and tables. */

import { get, patch, post, remove, withQuery } from "./api.js";
import { iconButton } from "./dialog.js";
import { h } from "./dom.js";
import { formatNumber, formatTime, known, t } from "./i18n.js";
import { icon } from "./icons.js";
import { bars, columns } from "./plots.js";
import { rename } from "./router.js";
import { session } from "./session.js";
import { showSecret } from "./settings.js";
import { toast, toastProblem } from "./status.js";

const DAY = 86_400_000;
const DAYS_SHOWN = 30;
const LOAD_SECONDS = 3;
const TABS = { load, users, invites, keys, reports, prompts, feedback, choices, audit, export: exporting };

/** The view of the administration; `toggle` shows or hides the sidebar. */
export function view(toggle) {
  document.title = `${t("admin.title")} · MOSS`;
  const content = session.user.role === "admin" ? tabbed() : [refusal(t("error.not_admin"))];
  return h(
    "main",
    { id: "main", class: "main" },
    h("header", { class: "topbar" }, iconButton("menu", t("sidebar.toggle"), toggle, { class: "icon-button toggle" })),
    h(
      "div",
      { class: "scroller" },
      h("div", { class: "page wide" }, h("h1", { tabindex: "-1" }, t("admin.title")), content),
    ),
  );
}

function refusal(text) {
  return h("div", { class: "notice failed", role: "alert" }, icon("alert"), h("span", {}, text));
}

/** The list of tabs and the panel of the open one. */
function tabbed() {
  const body = h("div", { role: "tabpanel", id: "admin-panel", tabindex: "-1" });
  const tabs = Object.keys(TABS).map((name) =>
    h(
      "button",
      {
        type: "button",
        class: "tab",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": "admin-panel",
        "aria-selected": false,
        tabindex: "-1",
        onclick: () => open(name),
      },
      t(`admin.${name}`),
    ),
  );
  const open = async (name) => {
    for (const tab of tabs) {
      const chosen = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
    }
    body.setAttribute("aria-labelledby", `tab-${name}`);
    // Not location.hash: that would show this view anew, away from the tab, and make Back lead here again.
    rename(`#${name}`);
    const content = await Promise.resolve(TABS[name]()).catch((problem) => {
      if (problem.text === undefined) throw problem;
      return refusal(problem.text);
    });
    // Another tab may have been opened since.
    if (body.getAttribute("aria-labelledby") === `tab-${name}`) body.replaceChildren(content);
  };
  const list = h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": t("admin.title"), onkeydown: (event) => moveAlong(event, tabs) },
    tabs,
  );
  open(location.hash.slice(1) in TABS ? location.hash.slice(1) : "load");
  return [list, body];
}

function moveAlong(event, tabs) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = tabs.at((tabs.indexOf(document.activeElement) + by) % tabs.length);
  next.focus();
  next.click();
}

/** A sheet of rows that come in pages: `ask(before)` gives {rows, before}, `row` the cells of one. */
async function paged(ask, titles, row) {
  const rows = h("tbody");
  const more = h("button", { type: "button", class: "button quiet" }, t("sidebar.more"));
  const holder = sheet(titles, rows, more);
  let before = null;
  const load = async () => {
    const page = await ask(before);
    before = page.before;
    rows.append(...page.rows.map((entry) => h("tr", {}, row(entry, reload).map(cell))));
    more.hidden = !before;
    if (!rows.children.length)
      rows.append(h("tr", {}, h("td", { class: "muted", colspan: String(titles.length) }, t("admin.empty"))));
  };
  const reload = () => {
    before = null;
    rows.replaceChildren();
    return load().catch(toastProblem);
  };
  more.addEventListener("click", () => load().catch(toastProblem));
  await load();
  return holder;
}

function sheet(titles, rows, ...after) {
  return h(
    "div",
    { class: "panel-section sheet", tabindex: "0", role: "region", "aria-label": t("admin.table") },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          titles.map((title) => h("th", { scope: "col" }, title)),
        ),
      ),
      rows,
    ),
    after,
  );
}

function cell(content) {
  if (typeof content === "number") return h("td", { class: "number" }, formatNumber(content));
  return h("td", { dir: "auto" }, content ?? "–");
}

function act(label, change, reload, kind = "") {
  const run = async () => {
    try {
      await change();
      toast(t("status.saved"));
      await reload();
    } catch (problem) {
      toastProblem(problem);
    }
  };
  return h("button", { type: "button", class: `button small ${kind}`, onclick: run }, label);
}

function actions(...buttons) {
  return h("div", { class: "buttons" }, buttons);
}

function figure(label, value) {
  return h(
    "div",
    { class: "figure" },
    h("strong", {}, typeof value === "number" ? formatNumber(value) : value),
    h("span", {}, label),
  );
}

function totals(entries, key, value = (entry) => entry.count) {
  const sums = new Map();
  for (const entry of entries) sums.set(key(entry), (sums.get(key(entry)) ?? 0) + value(entry));
  return [...sums];
}

// --- tabs ---

async function load() {
  const holder = h("div");
  const show = async () => {
    const now = await get("/api/admin/load");
    holder.replaceChildren(
      h(
        "div",
        { class: "figures" },
        figure(t("load.running"), `${formatNumber(now.running)} / ${formatNumber(now.slots)}`),
        figure(t("load.waiting"), `${formatNumber(now.waiting)} / ${formatNumber(now.queue_length)}`),
        figure(t("load.engine"), t(now.draining ? "load.draining" : `load.${now.engine}`)),
        figure(t("load.users"), now.users),
        figure(t("load.chats"), now.chats),
        figure(t("load.messages"), now.messages),
        figure(t("load.reports"), now.open_reports),
      ),
    );
  };
  await show();
  // Live as long as it is looked at.
  const timer = setInterval(() => {
    if (!holder.isConnected) clearInterval(timer);
    else if (!document.hidden) show().catch(() => clearInterval(timer));
  }, LOAD_SECONDS * 1000);
  return holder;
}

function users() {
  const titles = [
    "account.name",
    "admin.role",
    "load.chats",
    "admin.tokens",
    "admin.seen",
    "admin.since",
    "admin.actions",
  ].map((key) => t(key));
  const change = (user, body) => patch(`/api/admin/users/${user.id}`, body);
  return paged(
    async (before) => {
      const page = await get(withQuery("/api/admin/users", { before }));
      return { rows: page.users, before: page.before };
    },
    titles,
    (user, reload) => [
      user.name,
      user.banned_at ? t("admin.banned") : t(`role.${user.role}`),
      user.chats,
      user.tokens_today,
      user.last_seen_at && formatTime(user.last_seen_at),
      formatTime(user.created_at),
      actions(
        user.role === "admin"
          ? act(t("admin.makeuser"), () => change(user, { role: "user" }), reload)
          : act(t("admin.makeadmin"), () => change(user, { role: "admin" }), reload),
        user.banned_at
          ? act(t("admin.unban"), () => change(user, { banned: false }), reload)
          : act(t("admin.ban"), () => change(user, { banned: true }), reload, "danger"),
      ),
    ],
  );
}

async function invites() {
  const note = h("input", {
    class: "input",
    placeholder: t("admin.note"),
    "aria-label": t("admin.note"),
    maxlength: "200",
  });
  const uses = h("input", {
    class: "input",
    type: "number",
    min: "1",
    max: "10000",
    value: "1",
    "aria-label": t("admin.uses"),
  });
  const create = async (event) => {
    event.preventDefault();
    try {
      const made = await post("/api/admin/invites", { note: note.value.trim(), max_uses: Number(uses.value) });
      showSecret(t("admin.invitenew"), made.code);
      holder.replaceChildren(await rows());
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const rows = () =>
    paged(
      async (before) => {
        const page = await get(withQuery("/api/admin/invites", { before }));
        return { rows: page.invites, before: page.before };
      },
      ["admin.note", "admin.uses", "admin.since", "admin.expires", "admin.actions"].map((key) => t(key)),
      (invite, reload) => [
        invite.note,
        `${invite.uses} / ${invite.max_uses}`,
        formatTime(invite.created_at),
        invite.expires_at && formatTime(invite.expires_at),
        actions(act(t("action.revoke"), () => remove(`/api/admin/invites/${invite.id}`), reload, "danger")),
      ],
    );
  const holder = h("div", {}, await rows());
  return h(
    "div",
    {},
    h(
      "form",
      { class: "panel-section inline-form", onsubmit: create },
      note,
      uses,
      h("button", { type: "submit", class: "button primary" }, t("admin.newinvite")),
    ),
    holder,
  );
}

function keys() {
  return paged(
    async (before) => {
      const page = await get(withQuery("/api/admin/keys", { before }));
      return { rows: page.keys, before: page.before };
    },
    ["admin.user", "account.name", "admin.prefix", "admin.since", "admin.seen", "admin.state"].map((key) => t(key)),
    (key) => [
      key.user_name,
      key.name,
      h("code", {}, `${key.prefix}…`),
      formatTime(key.created_at),
      key.last_used_at && formatTime(key.last_used_at),
      t(key.revoked_at ? "admin.revoked" : "admin.valid"),
    ],
  );
}

function reports() {
  const settle = (report, status) => patch(`/api/admin/reports/${report.id}`, { status });
  return paged(
    async (before) => {
      const page = await get(withQuery("/api/admin/reports", { before }));
      return { rows: page.reports, before: page.before };
    },
    ["report.reason", "admin.question", "admin.reply", "admin.state", "admin.actions"].map((key) => t(key)),
    (report, reload) => [
      [t(`label.${report.reason}`), h("p", { class: "muted" }, report.text)],
      report.question,
      report.reply,
      [t(`state.${report.status}`), h("p", { class: "muted" }, formatTime(report.created_at))],
      actions(
        act(t("admin.resolve"), () => settle(report, "resolved"), reload),
        act(t("admin.dismiss"), () => settle(report, "dismissed"), reload),
      ),
    ],
  );
}

async function prompts() {
  const counts = (await get("/api/admin/prompts")).prompts;
  const today = Math.floor(Date.now() / DAY);
  const byDay = new Map(totals(counts, (entry) => entry.day));
  const days = Array.from({ length: DAYS_SHOWN }, (_, index) => today - DAYS_SHOWN + 1 + index).map((day) => [
    new Date(day * DAY).toISOString().slice(0, 10),
    byDay.get(day) ?? 0,
  ]);
  const named = (key, raw) => (known(key) ? t(key) : (raw ?? "–"));
  const sum = (field) => counts.reduce((total, entry) => total + entry[field], 0);
  return h(
    "div",
    {},
    h(
      "div",
      { class: "figures" },
      figure(t("admin.prompts"), sum("count")),
      figure(t("admin.collected"), sum("collected")),
    ),
    h(
      "div",
      { class: "plots" },
      plot("admin.by_day", columns(days, t("admin.by_day")), "broad"),
      plot(
        "admin.by_language",
        bars(
          totals(counts, (entry) => named(`language.${entry.language}`, entry.language)),
          t("admin.by_language"),
        ),
      ),
      plot(
        "admin.by_intent",
        bars(
          totals(counts, (entry) => named(`intent.${entry.intent}`, entry.intent)),
          t("admin.by_intent"),
        ),
      ),
    ),
  );
}

function plot(title, drawing, kind = "") {
  return h("section", { class: `panel-section ${kind}` }, h("h2", {}, t(title)), drawing);
}

async function feedback() {
  const { ratings, labels, comments } = await get("/api/admin/feedback");
  const rated = (rating) =>
    ratings.filter((entry) => entry.rating === rating).reduce((total, entry) => total + entry.count, 0);
  const byModel = totals(
    ratings.filter((entry) => entry.rating !== 0),
    (entry) => `${entry.model ?? "–"} ${entry.rating > 0 ? "👍" : "👎"}`,
  );
  return h(
    "div",
    {},
    h("div", { class: "figures" }, figure(t("action.thumbup"), rated(1)), figure(t("action.thumbdown"), rated(-1))),
    h(
      "div",
      { class: "plots" },
      plot("admin.by_model", bars(byModel, t("admin.by_model"))),
      plot(
        "admin.by_label",
        bars(
          Object.entries(labels).map(([label, count]) => [t(`label.${label}`), count]),
          t("admin.by_label"),
        ),
      ),
    ),
    sheet(
      ["admin.rating", "admin.labels", "admin.comment", "admin.since"].map((key) => t(key)),
      h(
        "tbody",
        {},
        comments.map((comment) =>
          h(
            "tr",
            {},
            [
              comment.rating > 0 ? "👍" : "👎",
              comment.labels.map((label) => t(`label.${label}`)).join(", "),
              comment.text,
              formatTime(comment.updated_at),
            ].map(cell),
          ),
        ),
      ),
    ),
  );
}

async function choices() {
  const counts = (await get("/api/admin/choices")).choices;
  const verdicts = totals(counts, (entry) => (entry.verdict ? t(`choice.${entry.verdict}`) : t("choice.open")));
  return h(
    "div",
    {},
    h("div", { class: "plots" }, plot("admin.choices", bars(verdicts, t("admin.choices")), "broad")),
    sheet(
      ["choice.first", "choice.second", "admin.verdict", "admin.count"].map((key) => t(key)),
      h(
        "tbody",
        {},
        counts.map((entry) =>
          h(
            "tr",
            {},
            [
              entry.first_model,
              entry.second_model,
              entry.verdict ? t(`choice.${entry.verdict}`) : t("choice.open"),
              entry.count,
            ].map(cell),
          ),
        ),
      ),
    ),
  );
}

function audit() {
  return paged(
    async (before) => {
      const page = await get(withQuery("/api/admin/audit", { before }));
      return { rows: page.audit, before: page.before };
    },
    ["admin.since", "admin.action", "admin.target", "admin.detail"].map((key) => t(key)),
    (row) => [
      formatTime(row.created_at),
      h("code", {}, row.action),
      row.target,
      h("code", {}, JSON.stringify(row.detail)),
    ],
  );
}

async function exporting() {
  const files = ["conversations", "prompts", "pairs"].map((file) =>
    h(
      "a",
      { class: "button", href: `/api/admin/export?file=${file}`, download: "" },
      icon("download"),
      t(`export.${file}`),
    ),
  );
  return h(
    "section",
    { class: "panel-section" },
    h("p", {}, t("admin.exporttext")),
    h("div", { class: "buttons" }, files),
  );
}
