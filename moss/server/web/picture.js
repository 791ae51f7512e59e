/**
 * A reply as an image, made in the page: its elements in an SVG with the page's own styles, drawn on a canvas.
 *
 * Nothing is fetched from elsewhere: styles are copied in as text, pictures of ours as data. A browser that does not let
 * such a drawing out of a canvas gets the SVG itself.
 */

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { mark } from "./icons.js";

const WIDTH = 720;
const SCALE = 2;
/** Browsers refuse canvases that are much higher than this. */
const TALLEST = 12_000;

/** The image of a question and its answer: {blob, address (a data: URL), name}. */
export async function pictureOf({ question, prose, pictures, model }) {
  const sheet = h(
    "div",
    { class: "picture-sheet" },
    h("div", { class: "picture-head" }, mark(), h("span", {}, "MOSS"), h("span", { class: "muted" }, model ?? "")),
    question && h("div", { class: "picture-question" }, h("div", { class: "bubble" }, question)),
    h(
      "div",
      { class: "prose" },
      [...prose.childNodes].map((node) => node.cloneNode(true)),
    ),
    h("div", { class: "pictures" }, await Promise.all(pictures.map(embedded))),
    h("div", { class: "picture-foot" }, t("chat.caution")),
  );
  for (const button of sheet.querySelectorAll("button.copy")) button.remove();
  for (const image of sheet.querySelectorAll(".prose img")) image.replaceWith(await embedded(image));
  const height = Math.min(measured(sheet), TALLEST);
  const svg = drawing(sheet, height, sheet.querySelector("math") ? await mathFont() : "");
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const name = `moss-${new Date().toISOString().slice(0, 10)}`;
  try {
    const canvas = await painted(address, height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return { blob, address: canvas.toDataURL("image/png"), name: `${name}.png` };
  } catch {
    return { blob: new Blob([svg], { type: "image/svg+xml" }), address, name: `${name}.svg` };
  }
}

/** How high the sheet is at the picture's width. */
function measured(sheet) {
  const holder = h("div", { class: "picture-holder picture-root" }, sheet);
  document.body.append(holder);
  const height = Math.ceil(sheet.getBoundingClientRect().height);
  holder.remove();
  return height;
}

/** The rule of the font for formulas, with the font in it: a drawing loads nothing. */
async function mathFont() {
  const rule = [...document.styleSheets]
    .flatMap((list) => [...list.cssRules])
    .find((one) => one instanceof CSSFontFaceRule);
  const address = new URL("./fonts/stix-two-math.woff2", import.meta.url);
  return rule.cssText.replace(/url\([^)]*\)/, `url("${await dataAddress(address)}")`);
}

function drawing(sheet, height, fonts) {
  const dark =
    getComputedStyle(document.documentElement).colorScheme.includes("dark") &&
    matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  const body = new XMLSerializer().serializeToString(sheet);
  // In the drawing there is no page whose root could say it: the sheet is its own root for colours.
  const styles = [...document.styleSheets]
    .flatMap((list) => [...list.cssRules])
    .filter((rule) => !(rule instanceof CSSFontFaceRule))
    .map((rule) => rule.cssText.replaceAll(":root", ".picture-root"))
    .join("\n");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">` +
    `<foreignObject width="100%" height="100%"><div xmlns="http://www.w3.org/1999/xhtml" class="picture-root" data-theme="${theme}" lang="${document.documentElement.lang}">` +
    `<style><![CDATA[${fonts}${styles}]]></style>${body}</div></foreignObject></svg>`
  );
}

async function painted(address, height) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = h("canvas", { width: WIDTH * SCALE, height: height * SCALE });
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.drawImage(image, 0, 0, WIDTH, height);
  return canvas;
}

async function embedded(image) {
  return h("img", { src: await dataAddress(image.src), alt: image.alt });
}

async function dataAddress(address) {
  const blob = await (await fetch(address)).blob();
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
}
