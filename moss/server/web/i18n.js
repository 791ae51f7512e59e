/** The page's words in English and 中文: `t("sidebar.new")`. Not here: the words themselves (locales/*.json). */

export const LANGUAGES = { en: "English", zh: "中文" };

let words = {};

/** The language in use. */
export let language = "en";

/** The language a reader wants: the one chosen here, the account's, or the browser's. */
export function preferredLanguage(ofAccount) {
  const wanted = [localStorage.getItem("language"), ofAccount, ...navigator.languages];
  return wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag in LANGUAGES) ?? "en";
}

/** Loads a language and makes it the page's. */
export async function useLanguage(wanted) {
  const response = await fetch(new URL(`./locales/${wanted}.json`, import.meta.url));
  words = await response.json();
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

/** Whether there are words for this. */
export function known(key) {
  return key in words;
}

/** The words for a key, with {names} replaced. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A text that comes in both languages from the server ({en, zh}), or in one (a string). */
export function localized(text) {
  return typeof text === "string" ? text : (text?.[language] ?? text?.en ?? "");
}

/** A point of time (milliseconds) as date and time. */
export function formatTime(milliseconds) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(
    milliseconds,
  );
}

/** A number with the language's separators. */
export function formatNumber(number) {
  return new Intl.NumberFormat(document.documentElement.lang).format(number);
}
