// The differential flame graph's drawing. difference_controls.js adds what a reader can do with it.
import { element } from "../base/elements.js";
import { kindLooks, makeLook, rgbOf, styleColour } from "../base/looks.js";
import { frameBoxes } from "../flame/flame_boxes.js";
import { matching } from "../flame/flame_search.js";
import { fitName } from "../flame/frame_names.js";
import { dominantKinds } from "../flame/sums.js";
import { sumBothSides } from "./both_sides.js";

/** @import { Window } from "../flame/flame.js" */
/** @import { BothSides, GraphName } from "./both_sides.js" */

/** @typedef {"before" | "difference" | "after"} Mode */
/**
 * What the reader looks at.
 * @typedef {object} DifferenceState
 * @property {GraphName} graph
 * @property {Mode} mode
 * @property {Window} window
 * @property {string} search
 * @property {number} zoomed a node, or -1
 */

const SIDES_SHOWN = { before: [0], after: [1], difference: [0, 1] };
const CHANGE_STEPS = 8;

// A change from -1 (only before) over 0 (the same) to 1 (only after), as a colour and a texture.
function changeLooks() {
  const [same, grows, shrinks] = ["same", "grows", "shrinks"].map((name) => rgbOf(styleColour(name)));
  const looks = [];
  for (let step = -CHANGE_STEPS; step <= CHANGE_STEPS; step++) {
    const part = Math.abs(step) / CHANGE_STEPS;
    const rgb = same.map((from, i) => Math.round(from + ((step < 0 ? shrinks : grows)[i] - from) * part));
    const hex = `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    looks.push(makeLook(hex, Math.abs(step) < 2 ? "" : step < 0 ? "dots" : "lines"));
  }
  return looks;
}

/**
 * How much of both sides' time is on one side alone: from -1 (all before) to 1 (all after).
 * @param {number} before
 * @param {number} after
 */
export const changeOf = (before, after) => (before + after ? (after - before) / (before + after) : 0);

/**
 * @param {Partial<Record<GraphName, BothSides>>} graphs
 * @param {DifferenceState} state `graph` names one of these
 */
export function differenceView(graphs, state) {
  const boxes = frameBoxes(element("difference-canvas", HTMLCanvasElement));
  let { graph, sums, widths, all, dominant } = counted();
  let looks = currentLooks();

  // What the reader's choices leave: `widths` of each node and `all` of them are nanoseconds of what is shown,
  // `dominant` is each node's largest kind.
  function counted() {
    const chosen = graphs[state.graph];
    if (!chosen) throw new RangeError(`there is no graph ${state.graph}`);
    const { tree, kinds } = chosen;
    const found = sumBothSides(chosen, state.window);
    const shown = SIDES_SHOWN[state.mode];
    /** @param {Float64Array[]} sides */
    const add = (sides) => sides[0].map((_, i) => shown.reduce((sum, side) => sum + sides[side][i], 0));
    return {
      graph: chosen,
      sums: found,
      widths: add(found.total),
      all: shown.reduce((sum, side) => sum + found.all[side], 0),
      dominant: dominantKinds(tree, { parts: add(found.parts), columns: kinds.length }, kinds.length),
    };
  }

  function currentLooks() {
    return state.mode === "difference" ? changeLooks() : kindLooks(graph.patterns);
  }

  function rebuild() {
    ({ graph, sums, widths, all, dominant } = counted());
    restyle();
  }

  function restyle() {
    looks = currentLooks();
  }

  /** @param {number} node */
  const nameOf = (node) => graph.name[graph.tree.functions[node]];
  /** @param {number} node */
  const changeAt = (node) => changeOf(sums.total[0][node], sums.total[1][node]);

  /**
   * Growth and decline are said by a sign too, where there is room for it.
   * @param {number} node
   * @param {number} letters
   */
  function signedName(node, letters) {
    if (letters < 4) return "";
    const change = changeAt(node);
    const sign = Math.abs(change) < 1 / CHANGE_STEPS ? "=" : change > 0 ? "▲" : "▼";
    return `${sign} ${fitName(nameOf(node), letters - 2)}`;
  }

  function draw() {
    const differs = state.mode === "difference";
    boxes.draw(
      { tree: graph.tree, widths, all, zoomed: state.zoomed },
      {
        looks,
        lookOf: (node) => (differs ? Math.round(changeAt(node) * CHANGE_STEPS) + CHANGE_STEPS : dominant[node]),
        matches: matching(graph, state.search),
        textOf: differs ? signedName : (node, letters) => fitName(nameOf(node), letters),
      },
    );
  }

  return {
    rebuild, restyle, draw, nameOf,
    at: boxes.at,
    boxOf: boxes.boxOf,
    graph: () => graph,
    tree: () => graph.tree,
    sums: () => sums,
    /** @param {number} node */
    isShown: (node) => widths[node] > 0,
    isAny: () => all > 0,
    zoomed: () => state.zoomed,
  };
}
