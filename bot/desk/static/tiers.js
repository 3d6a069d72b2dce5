// A tier as shape, word and colour.

import { icon, make } from "./dom.js";
import { TIERS, TIER_WORDS } from "./words.js";

export function tierMark(tier) {
  const known = TIERS.includes(tier) ? tier : "none";
  return make("span", { class: `tier ${known}` }, icon(`t-${known}`, known === "immediate"), TIER_WORDS[known]);
}
