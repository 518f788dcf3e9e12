// The thread timeline: its parts under one axis, with the requests behind them. timeline_controls.js adds what a reader
// can do with it.
import { cleared, widthAround } from "../base/canvas.js";
import { element } from "../base/elements.js";
import { asTime } from "../base/formats.js";
import { styleColour } from "../base/looks.js";
import { firstAbove } from "./spans.js";
import { threadLanes } from "./timeline_lanes.js";
import { quotaStrip } from "./timeline_quota.js";
import { AXIS, BAR, FOOT, GUTTER, LANE, laneAt, laneMiddle, laneTop, tickStep, timeScale } from "./timeline_scale.js";
import { wakeArrows } from "./timeline_wakes.js";

/** @import { Thread, Timeline } from "./timeline_data.js" */

const FACE = "12px system-ui, 'DejaVu Sans', sans-serif";

/**
 * @param {Timeline} timeline
 * @param {Thread[]} threads
 * @param {string[]} kinds
 */
export function timelineView(timeline, threads, kinds) {
  const canvas = element("timeline-canvas", HTMLCanvasElement);
  const { requests } = timeline;
  const ends = requests.map((one) => one.end); // rising, but for requests that overlap
  const scale = timeScale(() => widthAround(canvas), timeline.us);
  const lanes = threadLanes(timeline.lanes, kinds, scale);
  const wakes = timeline.wakes && wakeArrows(timeline.wakes, threads, scale);
  const quota = timeline.quota && quotaStrip(timeline.quota, threads.length, scale);
  const labels = [...threads.map((thread) => thread.label), ...(quota ? ["CPU quota"] : [])];
  const height = AXIS + LANE * labels.length + FOOT;

  /** @param {CanvasRenderingContext2D} context */
  function drawRequests(context) {
    const [band, edge] = [styleColour("band"), styleColour("soft")];
    const [begin, last] = scale.shown();
    for (let i = firstAbove(ends, begin); i < requests.length && requests[i].scheduled < last; i++) {
      const { scheduled, start, end } = requests[i];
      const [late, from, to] = [scheduled, start, end].map((us) => Math.max(GUTTER, scale.xOf(us)));
      const w = Math.max(1, to - from);
      context.fillStyle = band;
      context.fillRect(from, AXIS - 6, w, height - AXIS + 6);
      if (from - late > 2) {
        context.strokeStyle = edge;
        context.setLineDash([2, 2]);
        context.strokeRect(late + 0.5, AXIS - 5.5, from - late, 5);
        context.setLineDash([]);
      }
      context.fillStyle = edge;
      context.fillRect(from, AXIS - 6, w, 2);
      if (w > 110) context.fillText(`request ${i + 1}, ${asTime(end - scheduled)}`, from + 4, height - FOOT / 2);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawAxis(context) {
    const [from, to] = scale.shown();
    const width = scale.width();
    const step = tickStep((to - from) / width, 90);
    const unit = to >= 1e6 ? 1e6 : 1e3;
    const digits = Math.max(0, Math.ceil(Math.log10(unit / step)));
    context.fillStyle = styleColour("soft");
    for (let us = Math.ceil(from / step) * step; us <= to; us += step) {
      const x = scale.xOf(us);
      context.fillRect(x, AXIS - 8, 1, 4);
      const text = `${(us / unit).toFixed(digits)} ${unit === 1e6 ? "s" : "ms"}`;
      context.fillText(text, Math.min(x, GUTTER + width - context.measureText(text).width), 9);
    }
  }

  function draw() {
    const width = scale.width();
    const context = cleared(canvas, width + GUTTER, height);
    context.font = FACE;
    context.textBaseline = "middle";
    context.save();
    context.beginPath();
    context.rect(GUTTER, 0, width, height);
    context.clip();
    drawRequests(context);
    context.fillStyle = styleColour("line");
    threads.forEach((_, row) => context.fillRect(GUTTER, laneTop(row) + BAR, width, 1));
    lanes.draw(context);
    quota?.draw(context);
    wakes?.draw(context);
    drawAxis(context);
    context.restore();
    context.fillStyle = styleColour("ink");
    labels.forEach((label, row) => context.fillText(shortLabel(context, label), 0, laneMiddle(row), GUTTER - 8));
  }

  /**
   * The request at an instant, or -1.
   * @param {number} us
   */
  const requestAt = (us) => requests.findIndex((one) => us >= one.scheduled && us <= one.end);

  /**
   * @param {number} which
   * @param {number} us
   */
  function aboutRequest(which, us) {
    const { scheduled, start, end } = requests[which];
    return `in request ${which + 1}: ${asTime(end - scheduled)}${us < start ? ", not started yet" : ""}`;
  }

  /**
   * What is at a place, in words; none where there is nothing.
   * @param {number} x
   * @param {number} y
   */
  function lines(x, y) {
    if (x < GUTTER) return [];
    const [us, row] = [scale.usAt(x), laneAt(y)];
    const request = requestAt(us);
    const inRequest = request < 0 ? [] : [aboutRequest(request, us)];
    const outside = request < 0 ? ["no request in flight"] : inRequest;
    const wake = wakes ? wakes.at(x, y) : -1;
    if (wakes && wake >= 0) return [...wakes.lines(wake), ...outside];
    if (quota && row === threads.length) return ["CPU quota", `at ${asTime(us)}`, ...quota.lines(us), ...inRequest];
    if (threads[row]) return [threads[row].label, `at ${asTime(us)}`, ...lanes.lines(row, us), ...outside];
    return request < 0 ? [] : [`Request ${request + 1}`, `at ${asTime(us)}`, ...inRequest];
  }

  return { draw, lines, requestAt, scale, restyle: lanes.restyle, wakesSaid: () => wakes?.said() ?? "" };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} label
 */
function shortLabel(context, label) {
  let text = label;
  while (text.length > 4 && context.measureText(text).width > GUTTER - 10) text = `${text.slice(0, -2)}…`;
  return text;
}
