// Each thread's lane: what it did, as a stack of kinds as high as the share of a pixel's time that it ran.
import { contextOf } from "../base/canvas.js";
import { isInk, kindLooks } from "../base/looks.js";
import { spanAt } from "./spans.js";
import { BAR, GUTTER, laneTop } from "./timeline_scale.js";

/** @import { Look } from "../base/looks.js" */
/** @import { Lane } from "./timeline_data.js" */
/** @import { TimeScale } from "./timeline_scale.js" */

/**
 * @param {Lane[]} lanes
 * @param {string[]} kinds
 * @param {TimeScale} scale
 */
export function threadLanes(lanes, kinds, scale) {
  const plot = document.createElement("canvas");
  let looks = kindLooks(kinds);

  /** @param {CanvasRenderingContext2D} context */
  function draw(context) {
    const width = scale.width();
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(BAR * ratio)];
    const image = context.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    const ink = looks.map(inksOf);
    const [from, to] = scale.shown();
    plot.width = w;
    plot.height = h;
    lanes.forEach((lane, row) => {
      const cover = coverage(lane, scale.inView(lane), { from, to, columns: w, kinds: kinds.length });
      pixels.fill(0);
      for (let x = 0; x < w; x++) {
        let low = h;
        for (let k = 0; k < kinds.length; k++) {
          const part = cover[x * kinds.length + k];
          if (!part) continue;
          const high = Math.max(0, Math.min(low - 1, Math.round(low - part * h)));
          const { plain, inked, texture } = ink[k];
          for (let y = high; y < low; y++) pixels[y * w + x] = texture && isInk(texture, x, y) ? inked : plain;
          low = high;
          if (!low) break;
        }
      }
      contextOf(plot).putImageData(image, 0, 0);
      context.drawImage(plot, GUTTER, laneTop(row), width, BAR);
    });
  }

  /**
   * What a thread did at an instant, in words.
   * @param {number} row
   * @param {number} us
   */
  function lines(row, us) {
    const i = spanAt(lanes[row], us);
    return [i < 0 ? "off the CPU, or not sampled" : kinds[lanes[row].kind[i]]];
  }

  return {
    draw, lines,
    restyle: () => {
      looks = kindLooks(kinds);
    },
  };
}

/**
 * How much of each pixel column each kind takes: `kinds` numbers a column.
 * @param {Lane} lane
 * @param {number[]} inView the first span, and one past the last
 * @param {{ from: number, to: number, columns: number, kinds: number }} plot what is in view, and how wide it is
 */
export function coverage(lane, [first, last], { from, to, columns, kinds }) {
  const cover = new Float32Array(columns * kinds);
  const perUs = columns / (to - from);
  /** @param {number} x */
  const columnOf = (x) => Math.min(columns - 1, Math.floor(x)); // the right edge is the last column's
  for (let i = first; i < last; i++) {
    const left = Math.max(0, (lane.begin[i] - from) * perUs);
    const right = Math.min(columns, (lane.end[i] - from) * perUs);
    const [a, b] = [columnOf(left), columnOf(right)];
    const kind = lane.kind[i];
    if (a === b) cover[a * kinds + kind] += right - left;
    else {
      cover[a * kinds + kind] += a + 1 - left;
      for (let x = a + 1; x < b; x++) cover[x * kinds + kind] = 1;
      cover[b * kinds + kind] += right - b;
    }
  }
  return cover;
}

/**
 * Colours as the pixels of an image have them, plain and where the texture has ink.
 * @param {Look} look
 */
function inksOf({ rgb, texture }) {
  /** @param {number} darken */
  const word = (darken) => (255 << 24) | rgb.map((c) => c * darken).reduceRight((sum, c) => (sum << 8) | c, 0);
  return { plain: word(1), inked: word(0.78), texture };
}
