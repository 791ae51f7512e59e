/** Who is here, and what this server can do: the answer of /api/session, kept for everybody. */

import { get, useCsrf } from "./api.js";

/** The session as the server told it last. */
export let session = null;

/** Asks the server anew. */
export async function refreshSession() {
  session = await get("/api/session");
  useCsrf(session.csrf);
  return session;
}
