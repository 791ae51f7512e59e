/** Keys: which Enter sends, and the shortcuts of the page with their list. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

/** After the end of a composition, some browsers report the Enter that ended it as a key of its own, this soon. */
const COMPOSED_MILLISECONDS = 100;
/** The code of a key that an input method has taken. */
const TAKEN_BY_INPUT_METHOD = 229;
const IS_MAC = /mac|iphone|ipad/i.test(navigator.platform);

/** Whether this key press is an Enter that sends: not one that chooses a word while pinyin is composed. */
export function sends(event, composedAt = -Infinity) {
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return false;
  if (event.isComposing || event.keyCode === TAKEN_BY_INPUT_METHOD) return false;
  return event.timeStamp - composedAt > COMPOSED_MILLISECONDS;
}

/** The shortcuts: key (with Ctrl or ⌘ where `command`, with Shift where `shift`) and the name of what it does. */
const SHORTCUTS = [
  { name: "new", key: "o", command: true, shift: true },
  { name: "search", key: "k", command: true },
  { name: "sidebar", key: "b", command: true },
  { name: "list", key: "/", command: true },
  { name: "stop", key: "Escape" },
  { name: "compose", key: "Escape", shift: true },
  { name: "editlast", key: "ArrowUp", inField: true },
];

/** Starts listening; `run` maps the names of shortcuts to functions that return false when there was nothing to do. */
export function startShortcuts(run) {
  document.addEventListener("keydown", (event) => {
    if (
      event.isComposing ||
      event.keyCode === TAKEN_BY_INPUT_METHOD ||
      document.querySelector("dialog[open], [popover]:popover-open")
    )
      return;
    const found = SHORTCUTS.find((shortcut) => !shortcut.inField && matches(event, shortcut));
    if (!found) return;
    if (found.name === "list" ? listShortcuts() : run[found.name]() !== false) event.preventDefault();
  });
}

function matches(event, { key, command = false, shift = false }) {
  const commanded = IS_MAC ? event.metaKey : event.ctrlKey;
  return (
    event.key.toLowerCase() === key.toLowerCase() && commanded === command && event.shiftKey === shift && !event.altKey
  );
}

/** Shows the list of shortcuts. */
export function listShortcuts() {
  const rows = SHORTCUTS.flatMap((shortcut) => [
    h("dt", {}, keysOf(shortcut)),
    h("dd", {}, t(`shortcut.${shortcut.name}`)),
  ]);
  openDialog(
    t("shortcut.title"),
    h(
      "dl",
      { class: "shortcuts" },
      h("dt", {}, h("kbd", {}, "Enter")),
      h("dd", {}, t("shortcut.send")),
      h("dt", {}, h("kbd", {}, "Shift"), h("kbd", {}, "Enter")),
      h("dd", {}, t("shortcut.newline")),
      rows,
    ),
  );
  return true;
}

function keysOf({ key, command, shift }) {
  const shown = { Escape: "Esc", ArrowUp: "↑" }[key] ?? key.toUpperCase();
  return [command && h("kbd", {}, IS_MAC ? "⌘" : "Ctrl"), shift && h("kbd", {}, "Shift"), h("kbd", {}, shown)];
}
