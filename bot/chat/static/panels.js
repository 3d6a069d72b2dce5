// The panels above the composer: one at a time, closed by Escape, by their own button, or by pressing it again.

const buttons = [...document.querySelectorAll(".more [aria-controls]")];
const panelOf = (button) => document.getElementById(button.getAttribute("aria-controls"));

/** Closes what is open; the focus goes back to the button that opened it. */
export function closePanels({ focus = false } = {}) {
  for (const button of buttons) {
    if (focus && !panelOf(button).hidden) button.focus();
    panelOf(button).hidden = true;
    button.setAttribute("aria-expanded", "false");
  }
}

/** Makes the panels work. */
export function installPanels() {
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const opens = panelOf(button).hidden;
      closePanels();
      panelOf(button).hidden = !opens;
      button.setAttribute("aria-expanded", String(opens));
      if (opens) panelOf(button).scrollTop = 0;
    });
    panelOf(button).addEventListener("keydown", (event) => {
      if (event.key === "Escape") closePanels({ focus: true });
    });
  }
  for (const close of document.querySelectorAll(".panel [data-close]")) {
    close.addEventListener("click", () => closePanels({ focus: true }));
  }
}
