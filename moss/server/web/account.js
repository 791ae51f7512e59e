/** Coming in: login and registration on a server with accounts. Loaded when nobody is logged in. */

import { post } from "./api.js";
import { h } from "./dom.js";
import { LANGUAGES, language, t } from "./i18n.js";
import { icon, mark } from "./icons.js";
import { session } from "./session.js";

/** The view with one form, for login or for a new account. */
export function accountView(registering = new URLSearchParams(location.search).has("invite")) {
  const problem = h("div", { class: "notice failed", role: "alert", hidden: true });
  const button = h(
    "button",
    { type: "submit", class: "button primary" },
    t(registering ? "account.register" : "account.login"),
  );
  const form = h(
    "form",
    { class: "form", onsubmit: (event) => submit(event, registering, problem, button) },
    field(t("account.name"), { name: "name", autocomplete: "username", required: true, maxlength: "64" }),
    field(
      t("account.password"),
      {
        name: "password",
        type: "password",
        autocomplete: registering ? "new-password" : "current-password",
        required: true,
        minlength: registering ? "8" : "1",
      },
      registering && t("account.passwordhint"),
    ),
    registering &&
      session.registration === "invite" &&
      field(t("account.invite"), {
        name: "invite",
        required: true,
        value: new URLSearchParams(location.search).get("invite") ?? "",
        autocomplete: "off",
      }),
    problem,
    button,
    session.registration !== "closed" &&
      h(
        "button",
        {
          type: "button",
          class: "button quiet",
          onclick: (event) => event.currentTarget.closest("main").replaceWith(accountView(!registering)),
        },
        t(registering ? "account.tologin" : "account.toregister"),
      ),
  );
  return h(
    "main",
    { id: "main", class: "account" },
    h(
      "div",
      { class: "account-card" },
      mark(),
      h("h1", {}, "MOSS"),
      h("p", { class: "muted" }, t("account.welcome")),
      form,
    ),
    languages(),
  );
}

function field(label, properties, hint) {
  const input = h("input", { class: "input", type: "text", ...properties });
  return h("label", { class: "field" }, h("span", {}, label), input, hint && h("small", { class: "muted" }, hint));
}

async function submit(event, registering, problem, button) {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.currentTarget));
  button.disabled = true;
  try {
    await post(registering ? "/api/register" : "/api/login", given);
    history.replaceState(null, "", location.pathname);
    location.reload();
  } catch (error) {
    if (error.text === undefined) throw error;
    problem.hidden = false;
    problem.replaceChildren(icon("alert"), h("span", {}, error.text));
    button.disabled = false;
  }
}

function languages() {
  const choose = (tag) => {
    localStorage.setItem("language", tag);
    location.reload();
  };
  return h(
    "div",
    { class: "languages" },
    Object.entries(LANGUAGES).map(([tag, name]) =>
      h(
        "button",
        {
          type: "button",
          class: "button quiet small",
          lang: tag,
          "aria-pressed": tag === language,
          onclick: () => choose(tag),
        },
        name,
      ),
    ),
  );
}
