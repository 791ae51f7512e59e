/** The page's addresses: where we are, going elsewhere without loading anew, back and forward. */

let show = () => {};

/** What the address asks for: {view: "chat" | "shared" | "settings" | "admin" | "missing", id}. */
export function route() {
  const [, first, id] = location.pathname.split("/");
  if (first === "c") return { view: "chat", id };
  if (first === "s") return { view: "shared", id };
  if (first === "settings" || first === "admin") return { view: first, id: null };
  return { view: first ? "missing" : "chat", id: null };
}

/** Calls `shown` now and at every change of the address, and takes over clicks on links to the page's own addresses. */
export function startRouter(shown) {
  show = shown;
  addEventListener("popstate", () => show(route()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-route]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    event.preventDefault();
    navigate(link.getAttribute("href"));
  });
  return show(route());
}

/** Goes to an address of the page. */
export function navigate(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  return show(route());
}

/** Notes that what is shown already has got this address. */
export function rename(path) {
  history.replaceState(null, "", path);
}
