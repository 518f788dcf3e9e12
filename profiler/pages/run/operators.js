// The table of hot functions, restricted to what the flame graph by operator shows.
import { all, element } from "../base/elements.js";
import { asMs, asPercent } from "../base/formats.js";
import { filterOf } from "../flame/flame.js";
import { hotFunctions } from "./hot_functions.js";

/** @import { FlameState } from "../flame/flame.js" */
/** @import { Profile } from "../flame/profiles.js" */
/** @import { HotFunction } from "./hot_functions.js" */

const HOT_ROWS = 25;

/**
 * @param {Profile} profile by operator
 * @param {FlameState} state
 */
export function showHotOfOperator(profile, state) {
  const shown = state.side === "operators";
  element("hot-of-operator").hidden = !shown;
  element("hot-of-all").hidden = shown;
  if (!shown) return;
  const { spent, rows } = hotFunctions(profile, filterOf(profile, state));
  const lane = profile.lanes?.[state.operator] ?? "all operators, and between them";
  element("hot-of-operator-what").textContent = `Of ${asMs(spent)} CPU shown in the flame graph: ${lane}.`;
  const [body] = all("#hot-of-operator tbody", HTMLTableSectionElement);
  body.replaceChildren(...rows.slice(0, HOT_ROWS).map((row) => hotRow(profile, row, spent)));
}

/**
 * @param {Profile} profile
 * @param {HotFunction} row
 * @param {number} spent in all functions
 */
function hotRow(profile, row, spent) {
  const line = document.createElement("tr");
  for (const share of [row.self, row.total]) {
    const cell = line.insertCell();
    cell.className = "n";
    cell.textContent = asPercent(share / spent);
  }
  const [name, library] = [profile.name[row.key], profile.library[row.key]];
  const code = document.createElement("code");
  code.textContent = name.includes(library) ? name : `${name} `;
  const small = document.createElement("small");
  small.textContent = name.includes(library) ? "" : library;
  line.insertCell().append(code, small);
  const kind = profile.kinds[row.parts.indexOf(Math.max(...row.parts))];
  const last = line.insertCell();
  last.className = "kind";
  last.append(swatch(kind), ` ${kind}`);
  return line;
}

/** @param {string} kind */
function swatch(kind) {
  const [svg, rect] = ["svg", "rect"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("class", "swatch");
  svg.setAttribute("aria-hidden", "true");
  rect.setAttribute("class", `k-${kind}`);
  rect.setAttribute("width", "14");
  rect.setAttribute("height", "14");
  svg.append(rect);
  return svg;
}
