// The page's own parts: its elements, its views, the notice above the chat and the hint above the composer.

import { closePanels } from "./panels.js";

// Found once: what still runs in the moment of leaving finds its elements, off the page as they are.
const nodes = Object.fromEntries([...document.querySelectorAll("[id]")].map((node) => [node.id, node]));

export const $ = (id) => nodes[id];
export const page = $("page");
export const touch = matchMedia("(pointer: coarse)").matches;

/** Shows one of the page's views: start, chat or ended. */
export function view(name) {
  page.dataset.view = name;
  $("start").hidden = name !== "start";
  $("strip").hidden = name !== "chat";
  $("log").hidden = name !== "chat";
  $("chat-title").hidden = name === "start";
  $("dock").hidden = name !== "chat";
  if (name !== "ended") $("notice").hidden = true;
  $("after").hidden = true;
  $("after").replaceChildren();
  closePanels();
}

/** A notice in the place of the chat or above it. */
export function notice({ sign, title, text, button, press }) {
  $("notice-icon").setAttribute("href", `#i-${sign}`);
  $("notice-title").textContent = title;
  $("notice-text").textContent = text;
  $("notice-act").hidden = !button;
  $("notice-button").textContent = button ?? "";
  if (press) $("notice-button").onclick = press;
  $("notice").hidden = false;
}

/** A line above the start button, about a chat that was here. */
export function earlier(text) {
  $("earlier").textContent = text;
  $("earlier").hidden = !text;
}

export function hint(text) {
  $("hint").textContent = text;
}

/** The services that came with the page, for when nothing better came. */
export function servicesOfPage() {
  return [...$("numbers").querySelectorAll("ul a")].map((link) => ({ ...link.dataset }));
}
