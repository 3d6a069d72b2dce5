// The words that scripts put on the page. They stand in the HTML, so another language needs no other script.

const words = new Map();

/** Takes the words of `page`, a document like this one in another language. */
export function learn(page) {
  for (const item of page.getElementById("words").content.querySelectorAll("[data-word]")) {
    words.set(item.dataset.word, item.textContent);
  }
}
learn(document);

/** The text of `key`, with `{name}` places filled from `values`. */
export function word(key, values = {}) {
  return (words.get(key) ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A time to come in the device's own clock: "today at 14:00". What is no time is given back as it came. */
export function whenOpen(value) {
  const at = new Date(typeof value === "number" ? value * 1000 : value);
  if (Number.isNaN(at.getTime())) return String(value);
  const language = document.documentElement.lang;
  const time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(at);
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return word("today", { time });
  if (days === 1) return word("tomorrow", { time });
  return word("on_day", { time, day: new Intl.DateTimeFormat(language, { weekday: "long" }).format(at) });
}
