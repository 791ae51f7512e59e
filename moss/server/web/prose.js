/**
 * Replies as HTML that the server has rendered and sanitised: the only place where markup is set.
 *
 * Adds what needs the reader's language or hand: the words of copy buttons, and clicks on citations.
 */

import { copyText, h, ownImage } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { say } from "./status.js";

const COPIED_MILLISECONDS = 1500;
/** How the model writes a citation, and what of one may stand at the end of a text that is still being written. */
const CITATION = /<sup>((?:<\|\d+\|>)+)<\/sup>/g;
const HALF_CITATION = /<(?:s(?:u(?:p(?:>(?:<\|?\d*\|?>?)*(?:<\/?s?u?p?)?)?)?)?)?$/;

/** An element for prose. `cite(number, anchor)` is called when a citation in it is followed. */
export function proseElement(cite) {
  const element = h("div", { class: "prose" });
  element.addEventListener("click", (event) => {
    const copy = event.target.closest("button.copy");
    if (copy) copyCode(copy);
    const citation = event.target.closest("[data-citation]");
    if (!citation || citation.getAttribute("href")?.startsWith("http")) return;
    event.preventDefault();
    cite(Number(citation.dataset.citation), citation);
  });
  return element;
}

/** Puts sanitised HTML into an element. */
export function setMarkup(element, html) {
  element.innerHTML = html;
  for (const button of element.querySelectorAll("button.copy")) {
    button.setAttribute("aria-label", t("code.copy"));
    button.title = t("code.copy");
    button.replaceChildren(icon("copy"));
  }
  for (const image of element.querySelectorAll("img")) if (!ownImage(image.getAttribute("src") ?? "")) image.remove();
}

/** The end of a text that is still being written, as plain words: no citation shows its brackets, whole or half. */
export function plainTail(text) {
  return text.replace(CITATION, (_, inner) => inner.replace(/<\|(\d+)\|>/g, "[$1]")).replace(HALF_CITATION, "");
}

async function copyCode(button) {
  const code = button.closest("figure, pre, .code").querySelector("code");
  // The last line break belongs to the fence and not to the code.
  await copyText(code.textContent.replace(/\n$/, ""));
  button.replaceChildren(icon("check"));
  say(t("status.copied"));
  setTimeout(() => button.replaceChildren(icon("copy")), COPIED_MILLISECONDS);
}
