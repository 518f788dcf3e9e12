// Where the timeline's parts are: names on the left, an axis above, a lane for each thread and one for the quota.
import { firstAbove } from "./spans.js";

/** @import { Spans } from "./spans.js" */
/** @typedef {ReturnType<typeof timeScale>} TimeScale */

export const LANE = 30;
export const BAR = LANE - 6; // what is drawn of a lane
export const AXIS = 24;
export const GUTTER = 132;
export const FOOT = 18; // under the lanes, for the names of requests
const LEAST = 20; // microseconds in view
const NARROWEST = 50; // pixels of the axis

/** @param {number} row */
export const laneTop = (row) => AXIS + row * LANE + 3;
/** @param {number} row */
export const laneMiddle = (row) => AXIS + row * LANE + LANE / 2;
/** @param {number} y */
export const laneAt = (y) => Math.floor((y - AXIS) / LANE);

/**
 * The part of the phase that is in view, on the canvas.
 * @param {() => number} canvasWidth
 * @param {number} length of the phase
 */
export function timeScale(canvasWidth, length) {
  let shown = [0, length];
  const width = () => Math.max(NARROWEST, canvasWidth() - GUTTER);
  return {
    width,
    shown: () => shown,
    /** @param {number} us */
    xOf: (us) => GUTTER + ((us - shown[0]) / (shown[1] - shown[0])) * width(),
    /** @param {number} x */
    usAt: (x) => shown[0] + ((x - GUTTER) / width()) * (shown[1] - shown[0]),
    /**
     * @param {number} from
     * @param {number} to
     */
    show: (from, to) => {
      const part = Math.min(length, Math.max(LEAST, to - from));
      const begin = Math.max(0, Math.min(length - part, from));
      shown = [begin, begin + part];
    },
    /**
     * The first span in view, and one past the last.
     * @param {Spans} spans
     */
    inView: ({ begin, end }) => [firstAbove(end, shown[0]), firstAbove(begin, shown[1])],
  };
}

/**
 * A round distance for an axis: the smallest step of 1, 2 or 5 that gives ticks at least `room` pixels apart.
 * @param {number} usPerPixel
 * @param {number} room
 */
export function tickStep(usPerPixel, room) {
  const least = usPerPixel * room;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
