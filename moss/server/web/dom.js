/**
 * Elements without a framework: `h("button", {class: "quiet", onclick: send}, "Send")`.
 *
 * Children are nodes or text, never markup, so nothing that a person or a model wrote can become an element here. Only
 * prose.js sets markup, and only what the server has sanitised.
 */

const PROPERTIES = new Set(["value", "checked", "disabled", "readOnly", "indeterminate"]);
const ADDRESSES = new Set(["href", "src"]);

/** An element with attributes, listeners (`onclick`) and children; null and false stand for nothing. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) set(element, name, value);
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else if (name.startsWith("aria-")) element.setAttribute(name, String(value));
  else if (ADDRESSES.has(name)) element.setAttribute(name, safeAddress(value));
  else if (value !== false) element.setAttribute(name, value === true ? "" : value);
}

/** The address, if following it can only load something; "#" for javascript: and other schemes that do things. */
export function safeAddress(address) {
  try {
    const { protocol } = new URL(address, location.href);
    return ["http:", "https:", "mailto:", "data:"].includes(protocol) && !/^data:(?!image\/)/i.test(address)
      ? address
      : "#";
  } catch {
    return "#";
  }
}

/** The address of an image, if it is one of ours; null for anything that another host would see. */
export function ownImage(address) {
  return /^\/files\/[\w.-]+$/.test(address) ? address : null;
}

/** Makes `parent` have exactly these children, in order, and moves none that is in its place already. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

/** Whether fingers are what this device is used with: Enter is a new line there, and nothing grabs the keyboard. */
export function byTouch() {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}

/** Copies text; also where the page is not served over HTTPS, for which browsers have no clipboard of their own. */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = h("textarea", { class: "unseen", value: text, readOnly: true });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Hands the reader a file: a Blob, or an address of ours. */
export function download(source, name) {
  const address = source instanceof Blob ? URL.createObjectURL(source) : source;
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  if (source instanceof Blob) setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
