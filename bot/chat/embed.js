// One line on a helpline's own site puts a button there that opens the chat in a frame. The chat keeps its own origin: the
// site can read nothing of it. The way out works from the site, too: the button beside it, any element with `data-leave`,
// and Shift three times. It empties the site's page at once and goes to the neutral page.
(() => {
  const look = /* LOOK */ {};
  const { origin } = new URL(document.currentScript.src);
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483647; display: flex; gap: 8px; font: 600 17px/1.2 system-ui, sans-serif; }
    button { font: inherit; min-block-size: 48px; padding: 0 20px; border-radius: 24px; border: 2px solid ${look.press ?? "#0e504b"}; cursor: pointer; }
    .open { background: ${look.press ?? "#0e504b"}; color: ${look.onPress ?? "#ffffff"}; }
    .leave { background: #12262b; border-color: #ffffff; color: #ffffff; }
    .close { background: #fbfcf9; color: #12262b; }
    button:focus-visible { outline: 3px solid #1b4bc4; outline-offset: 2px; }
    iframe { position: fixed; inset: 0; inline-size: 100%; block-size: calc(100% - 72px); border: 0; background: #fbfcf9; }
    [hidden] { display: none; }
    @media (min-width: 40em) {
      iframe { inset: auto; inset-block-end: 80px; inset-inline-end: 16px; inline-size: 26rem; block-size: min(44rem, calc(100% - 96px)); border: 1px solid #61736f; border-radius: 8px; }
    }
    @media (max-width: 40em) { :host(.is-open) { inset-inline: 0; inset-block-end: 0; padding: 12px 16px; background: #fbfcf9; } }
    @media (forced-colors: active) { button { border-color: ButtonText; } }`);
  root.adoptedStyleSheets = [sheet];

  const press = (name, text, act) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: name, textContent: text });
    button.addEventListener("click", act);
    root.append(button);
    return button;
  };
  let frame = null;
  let gone = false;
  press("leave", look.leave, () => leave());
  const toggle = press("open", look.button, () => show(!frame || frame.hidden));
  toggle.setAttribute("aria-expanded", "false");

  function show(open) {
    if (!frame) {
      frame = document.createElement("iframe");
      Object.assign(frame, { src: `${origin}/`, title: look.button, referrerPolicy: "no-referrer" });
      root.prepend(frame);
    }
    frame.hidden = !open;
    host.classList.toggle("is-open", open);
    toggle.className = open ? "close" : "open";
    toggle.textContent = open ? look.close : look.button;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) frame.focus();
  }

  /** Empties the page in this task; the frame is told, so that the chat's key is taken back, and gets a moment for it. */
  function leave({ told = false } = {}) {
    if (gone) return;
    gone = true;
    document.title = look.title;
    for (const node of [...document.body.childNodes]) if (node !== host) node.remove();
    host.style.display = "none";
    const go = () => location.replace(`${origin}/exit`);
    if (!frame || told) return go();
    frame.contentWindow.postMessage("leave", origin);
    setTimeout(go, 300);
  }

  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    if (event.data === "leave") leave({ told: true });
    if (event.data === "left" && gone) location.replace(`${origin}/exit`);
  });
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-leave]")) return;
    event.preventDefault();
    leave();
  });
  let count = 0;
  let alone = false;
  let at = 0;
  addEventListener("keydown", (event) => {
    const shift = event.key === "Shift" && !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
    if (!shift) count = 0;
    alone = shift;
  });
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone || !matchMedia("(any-pointer: fine)").matches) return;
    alone = false;
    count = Date.now() - at < 5_000 ? count + 1 : 1;
    at = Date.now();
    if (count === 3) leave();
  });
  addEventListener("pageshow", (event) => event.persisted && gone && location.replace(`${origin}/exit`));
  const put = () => document.body.append(host);
  if (document.body) put();
  else addEventListener("DOMContentLoaded", put);
})();
