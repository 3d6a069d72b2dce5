// Another language in one press, with the chat going on: the page in that language is read, and its words take the place
// of these. What people wrote stays as they wrote it.

import { hint } from "./page.js";
import { learn, word } from "./words.js";

/** Makes the links to other languages work; `changed(locale)` is called when the words are there. */
export function installLanguages(changed) {
  for (const link of document.querySelectorAll("[data-lang]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      try {
        const answer = await fetch(link.getAttribute("href"), { cache: "no-store", credentials: "omit", redirect: "error" });
        if (!answer.ok) throw new TypeError(String(answer.status));
        speak(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        hint(word("failed"));
        return;
      }
      changed(link.dataset.lang);
    });
  }
}

function speak(page) {
  const { lang, dir } = page.documentElement;
  Object.assign(document.documentElement, { lang, dir });
  history.replaceState(null, "", `/?lang=${lang}`);
  learn(page);
  swap(page, "say", (node, text) => (node.textContent = text), (node) => node.textContent);
  swap(page, "sayLabel", (node, text) => node.setAttribute("aria-label", text), (node) => node.getAttribute("aria-label"));
  swap(page, "sayPlace", (node, text) => (node.placeholder = text), (node) => node.placeholder);
  for (const node of document.querySelectorAll("#log [data-word]")) node.textContent = word(node.dataset.word);
  for (const link of document.querySelectorAll("a[href*='?lang=']:not([data-lang])")) link.search = `?lang=${lang}`;
  for (const link of document.querySelectorAll("[data-lang]")) {
    if (link.dataset.lang === lang) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function swap(page, key, set, get) {
  const name = `data-${key.replace("L", "-l").replace("P", "-p")}`;
  const said = new Map([...page.querySelectorAll(`[${name}]`)].map((node) => [node.dataset[key], get(node)]));
  for (const node of document.querySelectorAll(`[${name}]`)) {
    if (said.has(node.dataset[key])) set(node, said.get(node.dataset[key]));
  }
}
