// What a reader can do with the differential flame graph: choose sides and window, search, zoom.
import { onceAFrame } from "../base/canvas.js";
import { all, element } from "../base/elements.js";
import { asMs, asPercent } from "../base/formats.js";
import { windowOf } from "../flame/flame.js";
import { matching, outermost, searchBox } from "../flame/flame_search.js";
import { frameTree } from "../flame/flame_tree.js";
import { partsInWords } from "../flame/frame_names.js";
import { differenceView } from "./difference.js";

/** @import { BothSides, GraphName } from "./both_sides.js" */
/** @import { DifferenceState, Mode } from "./difference.js" */

const LEAST_PART = 0.005; // of a frame's time; smaller kinds are not named

/**
 * @param {Partial<Record<GraphName, BothSides>>} graphs one or both
 * @param {string[]} labels of both sides
 */
export function differenceGraph(graphs, labels) {
  /** @type {DifferenceState} */
  const state = { graph: "on", mode: "difference", window: "", search: "", zoomed: -1 };
  const [legend, status, matchedText] = ["legend", "status", "matched"].map((part) => element(`difference-${part}`));
  const reset = element("difference-reset", HTMLButtonElement);
  const windowSelect = element("difference-window", HTMLSelectElement);
  const kindLists = all(".difference-kinds", HTMLElement);
  const [chosen] = all('input[name="difference-graph"]:checked', HTMLInputElement);
  choose(graphOf(chosen.value));
  const view = differenceView(graphs, state);
  /** @param {number} node */
  const said = (node) => lines(node).join(", ");
  const frames = frameTree("difference", view, { lines, said, zoom });
  searchBox("difference", state, refresh);
  const draw = () => {
    view.draw();
    frames.place();
  };
  const redraw = onceAFrame(draw);

  /**
   * @param {number} node
   * @param {number} side
   */
  function kindsOf(node, side) {
    const { kinds } = view.graph();
    const { parts, total } = view.sums();
    return partsInWords(kinds, (k) => parts[side][node * kinds.length + k] / total[side][node], LEAST_PART);
  }

  /** @param {number} node */
  function lines(node) {
    const sums = view.sums();
    const both = node < 0 ? sums.all : sums.total.map((total) => total[node]);
    const sides = labels.map((label, side) => {
      const kinds = node >= 0 && both[side] ? `: ${kindsOf(node, side)}` : "";
      return `${label} ${asMsOf(both[side])}${kinds}`;
    });
    if (node < 0) return ["All of it", ...sides, changed(both)];
    return [view.nameOf(node), view.graph().library[view.tree().functions[node]], changed(both), ...sides];
  }

  function matched() {
    const matches = matching(view.graph(), state.search);
    if (!matches) return "";
    const { total } = view.sums();
    const sum = [0, 0];
    for (const node of outermost(view.tree(), matches)) for (const side of [0, 1]) sum[side] += total[side][node];
    return `matched: ${asMsOf(sum[0])} → ${asMsOf(sum[1])}, ${changed(sum)}`;
  }

  function refresh() {
    matchedText.textContent = matched();
    reset.disabled = state.zoomed < 0;
    status.textContent = view.isAny()
      ? `${state.zoomed < 0 ? "" : "Zoomed to "}${lines(state.zoomed).join("; ")}.`
      : "Nothing is left here.";
    redraw();
  }

  /** @param {number} node */
  function zoom(node) {
    state.zoomed = node;
    frames.focus(node);
    refresh();
  }

  // After a change of what is counted; where the reader is stays, if there is any of it left.
  function rebuild() {
    view.rebuild();
    if (state.zoomed >= 0 && !view.isShown(state.zoomed)) state.zoomed = -1;
    frames.focus(state.zoomed);
    legend.hidden = state.mode !== "difference";
    for (const list of kindLists) list.hidden = state.mode === "difference" || list.dataset.graph !== state.graph;
    refresh();
  }

  /**
   * Between requests threads wait for the next one: off the CPU, that would hide everything else.
   * @param {GraphName} graph
   */
  function choose(graph) {
    state.graph = graph;
    state.zoomed = -1;
    state.window = graph === "off" ? "request" : "";
    windowSelect.value = state.window;
  }

  /**
   * @param {string} name
   * @param {(value: string) => void} apply
   */
  function choice(name, apply) {
    for (const input of all(`input[name="difference-${name}"]`, HTMLInputElement))
      input.addEventListener("change", () => (apply(input.value), rebuild()));
  }
  choice("mode", (mode) => (state.mode = modeOf(mode)));
  choice("graph", (graph) => choose(graphOf(graph)));
  windowSelect.addEventListener("change", () => {
    state.window = windowOf(windowSelect.value);
    rebuild();
  });

  rebuild();
  return { redraw, restyle: () => (view.restyle(), draw()) };
}

/** @param {number} ns */
const asMsOf = (ns) => asMs(ns / 1000);

/**
 * @param {string} text
 * @returns {Mode}
 */
const modeOf = (text) => (text === "before" || text === "after" ? text : "difference");

/**
 * @param {string} text
 * @returns {GraphName}
 */
const graphOf = (text) => (text === "off" ? "off" : "on");

/**
 * A change in words, of nanoseconds a request.
 * @param {number[]} both
 */
export function changed([before, after]) {
  const sign = after < before ? "−" : "+";
  const share = before && after ? `, ${sign}${asPercent(Math.abs(after / before - 1))}` : "";
  return `${sign}${asMsOf(Math.abs(after - before))} a request${share}`;
}
