// A flame graph's boxes, of one profile (flame.js) or of two (difference.js): layout, drawing, and what is where.
import { cleared, widthAround } from "../base/canvas.js";
import { patternOf, styleColour } from "../base/looks.js";
import { pathOf } from "./call_tree.js";

/** @import { Look } from "../base/looks.js" */
/** @import { Tree } from "./call_tree.js" */

/**
 * What is drawn of a tree.
 * @typedef {object} Shown
 * @property {Tree} tree
 * @property {ArrayLike<number>} widths what each node spent
 * @property {number} all what all of them spent
 * @property {number} zoomed the node that is as wide as the canvas, or -1
 * @property {boolean} [upwards] roots are drawn below
 */
/**
 * How it is drawn.
 * @typedef {object} Style
 * @property {Look[]} looks
 * @property {(node: number) => number} lookOf an index of these
 * @property {boolean[] | null} matches by function; null when nothing is searched for
 * @property {(node: number, letters: number) => string} textOf
 * @property {(node: number) => boolean} [isItalic]
 * @property {(context: CanvasRenderingContext2D, node: number, x: number, y: number, w: number) => void} [decorate]
 */
/**
 * Boxes in columns; `height` is that of all of them.
 * @typedef {object} Boxes
 * @property {number[]} node
 * @property {number[]} x
 * @property {number[]} y
 * @property {number[]} w
 * @property {number} height
 */

export const ROW = 20;
const NARROWEST = 0.5; // pixels; narrower boxes are not drawn
const FACE = "12px ui-monospace, 'DejaVu Sans Mono', monospace";

/**
 * Where the boxes of what is shown are, on a canvas of this width.
 * @param {Shown} shown
 * @param {number} width
 * @returns {Boxes}
 */
export function layOut({ tree, widths, all, zoomed, upwards = false }, width) {
  /** @type {Record<"node" | "x" | "w", number[]>} */
  const boxes = { node: [], x: [], w: [] };
  /** @type {(node: number, x: number, w: number) => void} */
  const push = (node, x, w) => {
    boxes.node.push(node);
    boxes.x.push(x);
    boxes.w.push(w);
  };
  const above = pathOf(tree, zoomed).length;
  for (let up = zoomed; up >= 0; up = tree.parent[up]) push(up, 0, width);
  const whole = zoomed < 0 ? all : widths[zoomed];
  /** @type {number[]} */
  const next = []; // where the next box begins, by depth
  next[above] = 0;
  let rows = Math.max(1, above);
  const last = zoomed < 0 ? tree.count : tree.end[zoomed];
  for (let i = zoomed + 1; i < last && whole > 0; ) {
    const depth = tree.depth[i];
    const w = (widths[i] / whole) * width;
    const x = next[depth];
    next[depth] = x + w;
    if (w < NARROWEST) {
      i = tree.end[i];
      continue;
    }
    next[depth + 1] = x;
    push(i, x, w);
    if (depth >= rows) rows = depth + 1;
    i++;
  }
  const rowOf = (/** @type {number} */ depth) => (upwards ? rows - 1 - depth : depth);
  return { ...boxes, y: boxes.node.map((node) => rowOf(tree.depth[node]) * ROW), height: rows * ROW };
}

/** @param {HTMLCanvasElement} canvas */
export function frameBoxes(canvas) {
  /** @type {Boxes} */
  let boxes = { node: [], x: [], y: [], w: [], height: ROW };

  /**
   * @param {Shown} shown
   * @param {Style} style
   */
  function draw(shown, style) {
    const width = widthAround(canvas);
    boxes = layOut(shown, width);
    drawBoxes(cleared(canvas, width, boxes.height), boxes, shown, style);
  }

  /**
   * The node at a place, or -1.
   * @param {number} px
   * @param {number} py
   */
  function at(px, py) {
    const row = Math.floor(py / ROW) * ROW;
    const found = boxes.y.findIndex((y, i) => y === row && px >= boxes.x[i] && px < boxes.x[i] + boxes.w[i]);
    return found < 0 ? -1 : boxes.node[found];
  }

  /**
   * The box of a node; null where it has none.
   * @param {number} node
   */
  function boxOf(node) {
    const i = boxes.node.indexOf(node);
    return i < 0 ? null : { x: boxes.x[i], y: boxes.y[i], w: boxes.w[i] };
  }

  return { draw, at, boxOf };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Boxes} boxes
 * @param {Shown} shown
 * @param {Style} style
 */
function drawBoxes(context, boxes, { tree, zoomed }, style) {
  const { looks, lookOf, matches, textOf, isItalic = () => false, decorate = () => {} } = style;
  const patterns = looks.map((look) => patternOf(context, look));
  context.font = FACE;
  context.textBaseline = "middle";
  const letter = context.measureText("m").width;
  const inkColour = styleColour("ink");
  boxes.node.forEach((node, i) => {
    const [x, y, w] = [boxes.x[i], boxes.y[i], boxes.w[i]];
    const look = lookOf(node);
    const faded = matches ? !matches[tree.functions[node]] : node < zoomed;
    context.globalAlpha = faded ? 0.3 : 1;
    context.fillStyle = w < 6 ? looks[look].flat : patterns[look];
    context.fillRect(x, y, w > 2 ? w - 1 : w, ROW - 1);
    if (w < 24) return;
    decorate(context, node, x, y, w);
    const room = Math.floor((w - 8) / letter);
    context.globalAlpha = 1;
    context.fillStyle = faded ? inkColour : looks[look].ink;
    context.font = isItalic(node) ? `italic ${FACE}` : FACE;
    if (room > 1) context.fillText(textOf(node, room), x + 4, y + ROW / 2 - 1);
  });
  context.globalAlpha = 1;
}
