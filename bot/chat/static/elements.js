// The pieces that the page is built of: elements, signs, and services with a place to press.

import { word } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element with a class, text and children. */
export function el(name, { className, text, children = [], ...rest } = {}) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  Object.assign(node, rest);
  node.append(...children);
  return node;
}

/** One of the page's signs; it is never without a word beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Where a press on a service leads; null for what is not safe to press. */
export function addressOf({ kind, contact }) {
  if (kind === "phone" || kind === "sms") {
    const numbers = contact.match(/\+?\d[\d\s().-]*/g) ?? [];
    const longest = numbers.map((number) => number.replace(/[^\d+]/g, "")).sort((a, b) => b.length - a.length)[0];
    return longest ? `${kind === "phone" ? "tel" : "sms"}:${longest}` : null;
  }
  try {
    const url = new URL(/^[a-z]+:/i.test(contact) ? contact : `https://${contact}`);
    return url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A list of services, each big enough to press. */
export function services(resources) {
  const list = el("ul");
  for (const service of resources) {
    const address = addressOf(service);
    const outside = address?.startsWith("https:");
    const words = el("span");
    const shown = service.contact.replace(/^https:\/\//, "");
    if (outside) words.append(el("b", { dir: "auto", text: service.name }), " ", el("small", { dir: "ltr", text: shown }));
    else words.append(el("b", { className: "digits", dir: "auto", text: shown }), " ", el("span", { dir: "auto", text: service.name }));
    const open = service.open_now === true ? word("open_now") : service.open_now === false ? word("closed_now") : "";
    const hours = [open, service.hours].filter(Boolean).join(" · ");
    if (hours) words.append(el("small", { text: hours }));
    if (outside) words.append(el("small", { text: word("opens_new") }));
    const link = el(address ? "a" : "div", { className: "contact" });
    if (address) link.href = address;
    if (outside) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    link.append(icon(["sms", "chat", "web"].includes(service.kind) ? service.kind : "phone"), words);
    list.append(el("li", { children: [link] }));
  }
  return el("div", { className: "numbers", children: [list] });
}
