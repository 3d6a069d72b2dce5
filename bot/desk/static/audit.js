// The audit: who did what to what, when and why. Reading it is a line in it.

import { read } from "./api.js";
import { timeOfDay } from "./clock.js";
import { $, make, show } from "./dom.js";
import { telling } from "./trouble.js";

let oldest = null; // id of the last line that is shown

async function readAudit(further) {
  await telling("The audit cannot be read", async () => {
    const asked = new URLSearchParams();
    if ($("audit-who").value.trim()) asked.set("who", $("audit-who").value.trim());
    if ($("audit-chat").value.trim()) asked.set("handoff", $("audit-chat").value.trim());
    if (further && oldest !== null) asked.set("before", oldest);
    const { lines } = await read(`/api/desk/audit?${asked}`);
    const rows = lines.map(row);
    if (further) $("audit-lines").append(...rows);
    else $("audit-lines").replaceChildren(...(rows.length ? rows : [make("tr", {}, make("td", { colspan: 5, class: "soft" }, "No such line."))]));
    oldest = lines.at(-1)?.id ?? oldest;
    show($("audit-table"), true);
    show($("audit-more"), lines.length === 100);
  });
}

function row(line) {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(new Date(line.at));
  return make("tr", {}, make("td", {}, make("time", { datetime: line.at }, `${day} ${timeOfDay(line.at)}`)), make("td", {}, line.who ?? "the system"),
    make("td", {}, line.action.replaceAll("_", " ")), make("td", {}, line.target.replace("handoff:", "chat ")), make("td", { dir: "auto" }, line.reason ?? ""));
}

export function startAudit() {
  $("audit-form").addEventListener("submit", (event) => { event.preventDefault(); readAudit(false); });
  $("audit-more").onclick = () => readAudit(true);
}
