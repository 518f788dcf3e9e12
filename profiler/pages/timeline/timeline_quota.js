// A CPU limit's strip below the lanes: each period's use of the quota, hatched where the process stood still.
import { asMs, asTime } from "../base/formats.js";
import { kindLooks, patternOf, styleColour } from "../base/looks.js";
import { spanAt } from "./spans.js";
import { BAR, GUTTER, laneTop } from "./timeline_scale.js";

/** @import { Spans } from "./spans.js" */
/** @import { Quota } from "./timeline_data.js" */
/** @import { TimeScale } from "./timeline_scale.js" */

const HIGHEST = 1.25; // of the quota; a period that used more is drawn as high

/**
 * @param {Quota} quota
 * @param {number} row of the timeline
 * @param {TimeScale} scale
 */
export function quotaStrip(quota, row, scale) {
  /**
   * @param {Spans} spans
   * @param {(i: number, x: number, w: number) => void} drawSpan
   */
  function eachInView(spans, drawSpan) {
    const [first, last] = scale.inView(spans);
    for (let i = first; i < last; i++) {
      const [from, to] = [scale.xOf(spans.begin[i]), scale.xOf(spans.end[i])];
      drawSpan(i, from, Math.max(1, to - from));
    }
  }

  /**
   * Up to the line it is the period's own; what is above it was borrowed from other periods.
   * @param {CanvasRenderingContext2D} context
   */
  function draw(context) {
    const [top, bottom] = [laneTop(row), laneTop(row) + BAR];
    const [throttled] = kindLooks(["throttled"]);
    context.fillStyle = patternOf(context, throttled);
    eachInView(quota.stopped, (_, x, w) => context.fillRect(x, top, w, BAR));
    context.fillStyle = styleColour("ink");
    eachInView(quota, (i, x, w) => {
      const high = (Math.min(HIGHEST, quota.share[i]) / HIGHEST) * BAR;
      const wide = w > 3 ? w - 1 : w;
      context.globalAlpha = 0.25;
      context.fillRect(x, bottom - high, wide, high);
      context.globalAlpha = 1;
      context.fillRect(x, bottom - high, wide, Math.min(2, high));
    });
    context.fillRect(GUTTER, Math.round(bottom - BAR / HIGHEST), scale.width(), 1);
  }

  /**
   * What was at an instant, in words.
   * @param {number} us
   */
  function lines(us) {
    const [period, stopped] = [spanAt(quota, us), spanAt(quota.stopped, us)];
    const said = [];
    if (period < 0) said.push("no period: nothing to run");
    else {
      const used = asMs(quota.share[period] * quota.quota_ms * 1000);
      const limit = `${used} of ${asMs(quota.quota_ms * 1000)} used`;
      said.push(`${limit} in a period of ${asTime(quota.end[period] - quota.begin[period])}`);
      if (quota.throttled[period]) said.push("throttled");
    }
    if (stopped >= 0) said.push(`stood still for ${asTime(quota.stopped.end[stopped] - quota.stopped.begin[stopped])}`);
    return said;
  }

  return { draw, lines };
}
