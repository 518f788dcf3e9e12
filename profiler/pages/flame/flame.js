// One profile's flame graph: what is counted and what it looks like. flame_controls.js adds what a reader can do with
// it.
import { element } from "../base/elements.js";
import { kindLooks } from "../base/looks.js";
import { nodeAt } from "./call_tree.js";
import { ROW, frameBoxes } from "./flame_boxes.js";
import { matching } from "./flame_search.js";
import { fitName } from "./frame_names.js";
import { withoutInlined } from "./profiles.js";
import { dominantKinds, invert, sumUp } from "./sums.js";

/** @import { Profile, Profiles, Side } from "./profiles.js" */

/** @typedef {"" | "request" | "idle"} Window all time, within requests, or without one in flight */
/**
 * What the reader looks at.
 * @typedef {object} FlameState
 * @property {Side} side
 * @property {number} operator a lane of the graph by operator, or -1
 * @property {number} thread or -1
 * @property {Window} window
 * @property {Set<string>} hide kinds
 * @property {boolean} inlined inlined functions have frames of their own
 * @property {boolean} invert
 * @property {boolean} upwards
 * @property {string} search
 * @property {number[]} frame the functions down to the zoomed frame
 */

const LEAST_INVERTED = 1 / 5000; // of all of it; what is below is left out of the inverted graph

/**
 * @param {string | null | undefined} text
 * @returns {Side}
 */
export const sideOf = (text) => (text === "off" || text === "operators" ? text : "on");

/**
 * @param {string | null} text
 * @returns {Window}
 */
export const windowOf = (text) => (text === "request" || text === "idle" ? text : "");

/**
 * What passes the reader's choices, by row.
 * @param {Profile} profile
 * @param {FlameState} state
 * @returns {(row: number) => boolean}
 */
export function filterOf(profile, state) {
  const hidden = profile.kinds.map((kind) => state.hide.has(kind));
  const wanted = state.window === "request" ? 1 : state.window === "idle" ? 0 : -1;
  const lane = profile.lanes ? state.operator : state.thread;
  return (row) =>
    (lane < 0 || profile.thread[row] === lane) &&
    (wanted < 0 || profile.inRequest[row] === wanted) &&
    !hidden[profile.kind[row]];
}

/**
 * @param {Profiles} profiles
 * @param {FlameState} state
 */
export function flameView(profiles, state) {
  const boxes = frameBoxes(element("flame-canvas", HTMLCanvasElement));
  /** @type {Map<Profile, Profile>} */
  const plain = new Map(); // those without inlined functions
  let zoomed = -1;
  let { profile, tree, sums, dominant } = counted();
  let looks = kindLooks(profile.patterns);

  /** @param {Profile} whole */
  function plainOf(whole) {
    const known = plain.get(whole) ?? withoutInlined(whole);
    plain.set(whole, known);
    return known;
  }

  // What the reader's choices leave; `dominant` is each node's largest kind.
  function counted() {
    const whole = profiles[state.side] ?? profiles.on;
    const chosen = state.inlined ? whole : plainOf(whole);
    const found = sumUp(chosen, filterOf(chosen, state));
    const graph = state.invert ? invert(chosen.tree, found, LEAST_INVERTED) : { tree: chosen.tree, sums: found };
    return { ...graph, profile: chosen, dominant: dominantKinds(graph.tree, graph.sums, chosen.kinds.length) };
  }

  // Sum up anew: after a change of the side, the filter or the direction.
  function rebuild() {
    ({ profile, tree, sums, dominant } = counted());
    restyle();
    zoomed = nodeAt(tree, state.frame);
    if (zoomed >= 0 && !sums.total[zoomed]) zoomed = -1;
  }

  function restyle() {
    looks = kindLooks(profile.patterns);
  }

  function draw() {
    boxes.draw(
      { tree, widths: sums.total, all: sums.all, zoomed, upwards: state.upwards },
      {
        looks, decorate,
        lookOf: (node) => dominant[node],
        matches: matching(profile, state.search),
        textOf: (node, letters) => fitName(nameOf(node), letters),
        isItalic: (node) => profile.inlined[tree.functions[node]] > 0,
      },
    );
  }

  /**
   * A line under the box shows every kind in it, when there is more than one.
   * @param {CanvasRenderingContext2D} context
   * @param {number} node
   * @param {number} x
   * @param {number} y
   * @param {number} w
   */
  function decorate(context, node, x, y, w) {
    const { parts, columns, total } = sums;
    let from = x;
    for (let k = 0; k < profile.kinds.length; k++) {
      const part = (parts[node * columns + k] / total[node]) * (w - 1);
      if (part >= w - 1.5) return;
      context.fillStyle = looks[k].flat;
      context.fillRect(from, y + ROW - 4, part, 3);
      from += part;
    }
  }

  /** @param {number} node */
  const nameOf = (node) => profile.name[tree.functions[node]];

  return {
    rebuild, restyle, draw, nameOf,
    at: boxes.at,
    boxOf: boxes.boxOf,
    profile: () => profile,
    tree: () => tree,
    sums: () => sums,
    /** @param {number} node */
    isShown: (node) => sums.total[node] > 0,
    zoomed: () => zoomed,
    /** @param {number} node */
    setZoom: (node) => {
      zoomed = node;
    },
  };
}
