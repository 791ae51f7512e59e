/**
 * What the page says on its own: one polite line for screen readers, and short notes for the eyes.
 *
 * A reply is told once, when it is done; words that arrive one by one are never read aloud.
 */

import { h } from "./dom.js";

const SHOWN_MILLISECONDS = 4000;
/** A line of live text longer than this is a burden; the reply itself can be read from the log. */
const SPOKEN_CHARACTERS = 2000;

/** Tells screen readers. */
export function say(text) {
  document.getElementById("status").textContent = text.slice(0, SPOKEN_CHARACTERS);
}

/** Shows a note for some seconds, and tells it. */
export function toast(text) {
  const note = h("div", { class: "toast" }, text);
  document.getElementById("toasts").append(note);
  say(text);
  setTimeout(() => note.remove(), SHOWN_MILLISECONDS);
}

/** Shows what went wrong with a request; whatever else was thrown is a defect of ours and goes on. */
export function toastProblem(problem) {
  if (problem?.text === undefined) throw problem;
  toast(problem.text);
}
