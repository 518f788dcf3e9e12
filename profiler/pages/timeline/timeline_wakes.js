// Wake-ups: an arrow from the thread that woke another, at that instant, to when the other ran.
import { asTime } from "../base/formats.js";
import { styleColour } from "../base/looks.js";
import { firstAbove } from "./spans.js";
import { laneMiddle } from "./timeline_scale.js";

/** @import { Thread, Wakes } from "./timeline_data.js" */
/** @import { TimeScale } from "./timeline_scale.js" */

/** @typedef {{ x: number, y: number, toX: number, toY: number }} Arrow */

const MOST_ARROWS = 60; // in view: more would hide the lanes
const ARROWS_WITHIN = 1e6; // microseconds: in a longer view a wake-up is a line and no arrow

/**
 * @param {Wakes} wakes
 * @param {Thread[]} threads
 * @param {TimeScale} scale
 */
export function wakeArrows(wakes, threads, scale) {
  // The first wake-up in view and one past the last; none where the view is too long for arrows.
  function inView() {
    const [from, to] = scale.shown();
    return to - from > ARROWS_WITHIN ? [0, 0] : [firstAbove(wakes.at, from), firstAbove(wakes.at, to)];
  }

  // Those whose arrows are drawn.
  function shown() {
    const [first, last] = inView();
    return last - first > MOST_ARROWS ? [] : Array.from({ length: last - first }, (_, i) => first + i);
  }

  /**
   * @param {number} i
   * @returns {Arrow}
   */
  const arrowOf = (i) => ({
    x: scale.xOf(wakes.at[i]), y: laneMiddle(wakes.from[i]),
    toX: scale.xOf(wakes.at[i] + wakes.delay[i]), toY: laneMiddle(wakes.to[i]),
  });

  /** @param {CanvasRenderingContext2D} context */
  function draw(context) {
    for (const i of shown()) drawArrow(context, arrowOf(i));
  }

  /**
   * The arrow at a place, or -1.
   * @param {number} px
   * @param {number} py
   */
  const at = (px, py) => shown().find((i) => distance(arrowOf(i), px, py) < 4) ?? -1;

  /** @param {number} i */
  function lines(i) {
    return [
      `${threads[wakes.from[i]].label} woke ${threads[wakes.to[i]].label}`,
      `at ${asTime(wakes.at[i])}`,
      `which ran ${asTime(wakes.delay[i])} later`,
    ];
  }

  // How many there are in view, for those who don't see them.
  function said() {
    const [first, last] = inView();
    if (first === last) return "";
    const counted = `${last - first} wake-up${last - first === 1 ? "" : "s"}`;
    return `${counted}${last - first > MOST_ARROWS ? ": zoom in for their arrows" : ""}.`;
  }

  return { draw, at, lines, said };
}

/**
 * Draw an arrow that shows on every colour: a dark line with a light edge.
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow} arrow
 */
function drawArrow(context, { x, y, toX, toY }) {
  const turn = Math.atan2(toY - y, toX - x);
  /** @param {number} angle */
  const barb = (angle) => context.lineTo(toX - 8 * Math.cos(turn + angle), toY - 8 * Math.sin(turn + angle));
  for (const { colour, wide } of [{ colour: "paper", wide: 4 }, { colour: "ink", wide: 1.5 }]) {
    context.strokeStyle = context.fillStyle = styleColour(colour);
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(toX, toY);
    context.stroke();
    context.beginPath();
    context.moveTo(toX, toY);
    barb(0.4);
    barb(-0.4);
    context.closePath();
    if (wide < 2) context.fill();
    context.stroke();
  }
}

/**
 * How far a place is from an arrow's line.
 * @param {Arrow} arrow
 * @param {number} px
 * @param {number} py
 */
export function distance({ x, y, toX, toY }, px, py) {
  const [dx, dy] = [toX - x, toY - y];
  const along = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - x - along * dx, py - y - along * dy);
}
