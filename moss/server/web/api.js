/**
 * Requests to the server, and what goes wrong with them as one kind of error that tells its real cause.
 *
 * Not here: the stream of a reply (stream.js), and what the page does with answers.
 */

import { known, language, t } from "./i18n.js";

/** What the server says when the token of a write is that of a session that is over. */
const OLD_TOKEN = new Set(["wrong_csrf_token", "no_csrf_token"]);

let csrf = "";

/** The token that writes carry; a new one comes with every session. */
export function useCsrf(token) {
  csrf = token ?? "";
}

/** A request that failed. `status` is 0 when the server was not reached; `retryAfter` is in seconds, or null. */
export class ApiProblem extends Error {
  constructor(status, { message = "", code = null, param = null } = {}, retryAfter = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
    this.retryAfter = retryAfter;
  }

  /** What to tell the reader: in English the server's own words, else the page's words for the cause. */
  get text() {
    if (this.message && (language === "en" || !known(`error.${this.code}`))) return this.message;
    const cause = known(`error.${this.code}`) ? t(`error.${this.code}`) : t("error.unknown", { status: this.status });
    return this.retryAfter ? `${cause} ${t("error.wait", { seconds: this.retryAfter })}` : cause;
  }
}

/** Sends a request and returns the JSON it is answered with (null for no content). Throws ApiProblem. */
export async function request(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (problem) {
    if (!OLD_TOKEN.has(problem.code)) throw problem;
    // The session was renewed behind our back, by a restart or in another tab: a write that was refused was not done.
    useCsrf((await send("GET", "/api/session")).csrf);
    return send(method, path, body);
  }
}

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiProblem(0, { code: navigator.onLine ? "unreachable" : "offline" });
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

async function problemOf(response) {
  const told = await response.json().catch(() => ({}));
  const retry = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  const problem = new ApiProblem(response.status, told.error, Number.isNaN(retry) ? null : retry);
  if (response.status === 401) dispatchEvent(new CustomEvent("signed-out"));
  return problem;
}

export const get = (path) => request("GET", path);
export const post = (path, body = {}) => request("POST", path, body);
export const put = (path, body) => request("PUT", path, body);
export const patch = (path, body) => request("PATCH", path, body);
export const remove = (path, body) => request("DELETE", path, body);

/** A path with a query; empty values are left out. */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** An id that the client gives, so that a request sent twice is done once. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
