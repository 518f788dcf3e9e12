// What a reader can do with a flame graph: search, zoom, and choose what is counted (flame_choices.js).
import { onceAFrame } from "../base/canvas.js";
import { element } from "../base/elements.js";
import { asMs, asPercent } from "../base/formats.js";
import { pathOf } from "./call_tree.js";
import { flameView } from "./flame.js";
import { flameChoices } from "./flame_choices.js";
import { matching, outermost, searchBox } from "./flame_search.js";
import { frameTree } from "./flame_tree.js";
import { partsInWords } from "./frame_names.js";

/** @import { FlameState } from "./flame.js" */
/** @import { Profiles, Side } from "./profiles.js" */

/**
 * @param {Profiles} profiles
 * @param {FlameState} state
 * @param {() => void} save called when the state has changed
 */
export function flameGraph(profiles, state, save) {
  const view = flameView(profiles, state);
  const [tree, status, matchedText] = ["flame-tree", "flame-status", "flame-matched"].map((id) => element(id));
  const reset = element("flame-reset", HTMLButtonElement);
  /** @param {number} node */
  const said = (node) => lines(node).slice(0, 4).join(", ");
  const frames = frameTree("flame", view, { lines, said, zoom, isUpwards: () => state.upwards });
  const search = searchBox("flame", state, refresh);
  const redraw = onceAFrame(() => {
    view.draw();
    frames.place();
  });

  /** @param {number} us */
  const asSpent = (us) => `${asMs(us)} ${view.profile().time}`;

  /** @param {number} node */
  function lines(node) {
    const [sums, nodes, profile] = [view.sums(), view.tree(), view.profile()];
    if (node < 0) return [`All of it: ${asSpent(sums.all)}`];
    /**
     * @param {number} from
     * @param {string[]} names
     */
    const part = (from, names) =>
      partsInWords(names, (i) => sums.parts[node * sums.columns + from + i] / sums.total[node]);
    const share = asPercent(sums.total[node] / sums.all);
    return [
      view.nameOf(node),
      profile.library[nodes.functions[node]],
      `${asSpent(sums.total[node])}, ${share} of what is shown; itself ${asMs(sums.own[node])}`,
      part(0, profile.kinds),
      `rests on ${part(profile.kinds.length, profile.evidences)}`,
    ];
  }

  function matched() {
    const matches = matching(view.profile(), state.search);
    if (!matches) return "";
    const { all: whole, total } = view.sums();
    let us = 0;
    for (const node of outermost(view.tree(), matches)) us += total[node];
    return `${asPercent(whole ? us / whole : 0)} matched (${asMs(us)})`;
  }

  function shownPart() {
    const { all: whole } = view.sums();
    if (!whole) return "Nothing is left: the filters hide all of it.";
    const zoomed = view.zoomed();
    return zoomed < 0 ? `${asSpent(whole)} shown.` : `Zoomed to ${lines(zoomed).slice(0, 3).join(", ")}.`;
  }

  /** @param {number} node */
  function zoom(node) {
    view.setZoom(node);
    state.frame = pathOf(view.tree(), node);
    frames.focus(node);
    refresh();
  }

  function refresh() {
    matchedText.textContent = matched();
    reset.disabled = view.zoomed() < 0;
    status.textContent = shownPart();
    save();
    redraw();
  }

  function rebuild() {
    view.rebuild();
    frames.focus(view.zoomed());
    refresh();
    // Begin where the roots are; after the drawing, which is waiting for the same frame.
    requestAnimationFrame(() => (tree.scrollTop = state.upwards ? tree.scrollHeight : 0));
  }

  const choices = flameChoices(profiles, state, { rebuild, turnTo });

  // Each side has functions of its own; off the CPU, what matters is what requests waited for.
  /** @param {Side} side */
  function turnTo(side) {
    state.frame = [];
    state.side = side;
    state.window = side === "off" ? "request" : "";
    if (side !== "operators") state.operator = -1;
    follow();
  }

  function follow() {
    if (!profiles[state.side]) state.side = "on";
    if (!profiles[state.side]?.lanes?.[state.operator]) state.operator = -1;
    search.value = state.search;
    choices.follow();
    rebuild();
  }

  function reveal() {
    tree.focus();
    tree.scrollIntoView({ block: "center" });
  }

  /**
   * Find the heaviest call of a function and zoom to it.
   * @param {string} name
   * @param {string} library
   */
  function show(name, library) {
    if (state.side !== "on") turnTo("on");
    const [nodes, { total }] = [view.tree(), view.sums()];
    let best = -1;
    for (let i = 0; i < nodes.count; i++)
      if (view.nameOf(i) === name && view.profile().library[nodes.functions[i]] === library)
        if (best < 0 || total[i] > total[best]) best = i;
    if (best < 0) return;
    zoom(best);
    reveal();
  }

  /**
   * Turn to the operators of one type.
   * @param {string} name
   */
  function showOperator(name) {
    state.operator = profiles.operators?.lanes?.indexOf(name) ?? -1;
    turnTo("operators");
    reveal();
  }

  return { follow, show, showOperator, redraw, restyle: view.restyle, drawNow: view.draw };
}
