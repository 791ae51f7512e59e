/**
 * What lies over the page: menus, cards and dialogs, on the browser's own `popover` and `<dialog>`.
 *
 * They bring Escape, a click beside them, the focus inside and back again; here are position, arrow keys and looks.
 */

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

const GAP = 6;
const MARGIN = 8;
/** A press on the button of an open card closes the card first; the click that follows must not open it again. */
const SAME_PRESS_MILLISECONDS = 150;

const closedAt = new WeakMap();

/** Shows an element beside an anchor until it is dismissed; returns the function that closes it, null if it was open. */
export function openCard(anchor, content, properties = {}) {
  if (performance.now() - (closedAt.get(anchor) ?? -Infinity) < SAME_PRESS_MILLISECONDS) return null;
  const card = h("div", { class: "card", popover: "auto", ...properties }, content);
  document.body.append(card);
  card.showPopover();
  place(card, anchor);
  anchor.setAttribute("aria-expanded", "true");
  card.addEventListener("beforetoggle", () => closedAt.set(anchor, performance.now()));
  card.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    const inside = card.contains(document.activeElement) || document.activeElement === document.body;
    card.remove();
    if (inside) anchor.focus();
  });
  return () => card.hidePopover();
}

function place(card, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const below = at.bottom + GAP + height <= innerHeight - MARGIN;
  const top = below ? at.bottom + GAP : Math.max(MARGIN, at.top - GAP - height);
  const fromLeft = at.left + width <= innerWidth - MARGIN ? at.left : at.right - width;
  card.style.top = `${top}px`;
  card.style.left = `${Math.max(MARGIN, Math.min(fromLeft, innerWidth - width - MARGIN))}px`;
}

/** A menu of actions: [{label, icon, run, danger, href, checked}]; falsy entries are left out. */
export function openMenu(anchor, entries) {
  const items = entries.filter(Boolean).map((entry) => menuItem(entry, () => close()));
  const close = openCard(anchor, items, { role: "menu", class: "card menu" });
  if (!close) return;
  const menu = items[0].parentElement;
  items[0].focus();
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length).focus();
  });
}

function menuItem(entry, close) {
  const choose = () => {
    close();
    entry.run?.();
  };
  const properties = {
    class: entry.danger ? "menu-item danger" : "menu-item",
    role: "menuitem",
    tabindex: "-1",
    onclick: choose,
  };
  if (entry.checked !== undefined)
    Object.assign(properties, { role: "menuitemcheckbox", "aria-checked": entry.checked });
  const content = [icon(entry.icon), h("span", {}, entry.label), entry.checked && icon("check")];
  if (!entry.href) return h("button", { type: "button", ...properties }, content);
  return h("a", { href: entry.href, "data-route": entry.route, download: entry.download, ...properties }, content);
}

/** A dialog with a title and a button to close it; returns the element, which `close()` removes. */
export function openDialog(title, content, properties = {}) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const dialog = h(
    "dialog",
    { "aria-labelledby": "dialog-title", ...properties },
    h(
      "header",
      {},
      heading,
      iconButton("close", t("action.close"), () => dialog.close()),
    ),
    h("div", { class: "dialog-body" }, content),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before something that cannot be undone; true when the reader agrees. */
export function confirmDialog(title, text, action) {
  return new Promise((resolve) => {
    const answer = (agreed) => {
      resolve(agreed);
      dialog.close();
    };
    const dialog = openDialog(title, [
      h("p", {}, text),
      h(
        "div",
        { class: "buttons" },
        h(
          "button",
          { type: "button", class: "button", autofocus: true, onclick: () => answer(false) },
          t("action.cancel"),
        ),
        h("button", { type: "button", class: "button danger", onclick: () => answer(true) }, action),
      ),
    ]);
    dialog.addEventListener("close", () => resolve(false));
  });
}

/** A button that is an icon; its name is for screen readers and for who waits over it. */
export function iconButton(name, label, onclick, properties = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...properties },
    icon(name),
  );
}
