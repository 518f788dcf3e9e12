// A run's report: its tables, flame graphs and timeline.
import { all, element, pageData } from "../base/elements.js";
import { readColumns } from "../base/packed.js";
import { onRestyle, whitenPaper } from "../base/scheme.js";
import { fold, sortTables } from "../base/tables.js";
import { flameGraph } from "../flame/flame_controls.js";
import { readProfiles } from "../flame/profiles.js";
import { threadTimeline } from "../timeline/timeline_controls.js";
import { readTimeline } from "../timeline/timeline_data.js";
import { showHotOfOperator } from "./operators.js";
import { readState, writeState } from "./state.js";

/** @import { FlameData } from "../flame/profiles.js" */
/** @import { TimelineData } from "../timeline/timeline_data.js" */
/** @typedef {FlameData & TimelineData & { columns: Record<string, string> }} RunData what payload.py packs */

/** @param {RunData} data */
async function draw(data) {
  const columns = await readColumns(data.columns);
  const profiles = readProfiles(data, columns);
  const state = readState(location.hash);
  const save = () => {
    writeState(state);
    if (profiles.operators) showHotOfOperator(profiles.operators, state);
  };
  for (const note of all(".unscripted", HTMLElement)) note.hidden = true;
  element("flame-graph").hidden = false;
  element("timeline").hidden = false;
  const graph = flameGraph(profiles, state, save);
  const timeline = threadTimeline(readTimeline(data, columns), data.threads, data.kinds, state, save);
  const parts = [graph, timeline];

  const follow = () => parts.forEach((part) => part.follow());
  follow();
  addEventListener("hashchange", () => {
    Object.assign(state, readState(location.hash));
    follow();
  });
  for (const button of all("button[data-function]", HTMLButtonElement)) {
    const { function: name = "", library = "" } = button.dataset;
    button.hidden = false;
    button.addEventListener("click", () => graph.show(name, library));
  }
  for (const button of all("button[data-operator]", HTMLButtonElement)) {
    button.hidden = !profiles.operators;
    button.addEventListener("click", () => graph.showOperator(button.dataset.operator ?? ""));
  }
  addEventListener("resize", () => parts.forEach((part) => part.redraw()));
  onRestyle(() => parts.forEach((part) => (part.restyle(), part.drawNow())));
}

sortTables();
for (const table of ["hot", "operators"])
  fold(document.getElementById(`${table}-more`), all(`table.${table} > tbody.more`, HTMLElement));
whitenPaper();
const data = /** @type {RunData | null} */ (pageData());
if (data) draw(data);
