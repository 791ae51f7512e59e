/** Sharing: a link that everybody can read, and a reply as an image. Loaded when somebody shares. */

import { post, remove } from "./api.js";
import { openDialog } from "./dialog.js";
import { copyText, download, h } from "./dom.js";
import { t } from "./i18n.js";
import { pictureOf } from "./picture.js";
import { toast, toastProblem } from "./status.js";

/** Shows the link of a chat, to be made, copied or withdrawn. */
export function openShare(chat) {
  const body = h("div", { class: "sharing" });
  const dialog = openDialog(t("share.title"), body);
  const attempt = async (action) => {
    try {
      await action();
      show();
    } catch (problem) {
      toastProblem(problem);
    }
  };
  const create = () =>
    attempt(async () => {
      chat.share_id = (await post(`/api/chats/${chat.id}/share`)).share_id;
    });
  // Sharing once more moves the end of what is shared to the newest message.
  const update = () =>
    attempt(async () => {
      await post(`/api/chats/${chat.id}/share`);
      toast(t("share.updated"));
    });
  const withdraw = () =>
    attempt(async () => {
      await remove(`/api/chats/${chat.id}/share`);
      chat.share_id = null;
      toast(t("share.withdrawn"));
    });
  const show = () => {
    const address = `${location.origin}/s/${chat.share_id}`;
    const field = h("input", {
      class: "input",
      value: address,
      readOnly: true,
      "aria-label": t("share.link"),
      onfocus: () => field.select(),
    });
    const copy = async () => {
      await copyText(address);
      toast(t("status.copied"));
    };
    body.replaceChildren(
      h("p", {}, t("share.explain")),
      ...(chat.share_id
        ? [
            field,
            h(
              "div",
              { class: "buttons" },
              button(t("share.withdraw"), withdraw, "danger"),
              button(t("share.update"), update),
              button(t("share.copy"), copy, "primary"),
            ),
          ]
        : [h("div", { class: "buttons" }, button(t("share.create"), create, "primary"))]),
    );
    body.querySelector("button:last-of-type")?.focus();
  };
  show();
  return dialog;
}

/** Shows a reply and its question as an image, to be saved or handed to another application. */
export async function sharePicture(chat, message, question) {
  const reply = document.querySelector(`.reply[data-id="${CSS.escape(message.id)}"] .prose`);
  const pictures = [...document.querySelectorAll(`.reply[data-id="${CSS.escape(message.id)}"] .pictures img`)];
  const { blob, address, name } = await pictureOf({ question, prose: reply, pictures, model: message.model });
  if (blob.type !== "image/png") toast(t("share.notpng"));
  const file = new File([blob], name, { type: blob.type });
  const canShare = navigator.canShare?.({ files: [file] });
  openDialog(
    t("share.picture"),
    [
      h("img", { class: "share-preview", src: address, alt: t("share.preview") }),
      h(
        "div",
        { class: "buttons" },
        canShare && button(t("share.title"), () => navigator.share({ files: [file] }).catch(() => {})),
        button(t("action.download"), () => download(blob, name), "primary"),
      ),
    ],
    { class: "wide" },
  );
}

function button(label, onclick, kind = "") {
  return h("button", { type: "button", class: `button ${kind}`, onclick }, label);
}
