// A comparison's page: its differential flame graph.
import { all, element, pageData } from "../base/elements.js";
import { onRestyle, whitenPaper } from "../base/scheme.js";
import { readBothSides } from "./both_sides.js";
import { differenceGraph } from "./difference_controls.js";

/** @import { ComparisonData } from "./both_sides.js" */

/** @param {ComparisonData} data */
async function draw({ labels, graphs: { on, off } }) {
  const graphs = { on: on && (await readBothSides(on)), off: off && (await readBothSides(off)) };
  for (const note of all(".unscripted", HTMLElement)) note.hidden = true;
  element("difference").hidden = false;
  const graph = differenceGraph(graphs, labels);
  addEventListener("resize", graph.redraw);
  onRestyle(graph.restyle);
}

whitenPaper();
const data = /** @type {ComparisonData | null} */ (pageData());
if (data) draw(data);
