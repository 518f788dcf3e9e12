// The mouse on the timeline: drag to pan, wheel and double-click to zoom, a click for a request, a tooltip under it.
import { hideTip, showTip } from "../base/tooltip.js";

/** @import { TimeScale } from "./timeline_scale.js" */

/**
 * @typedef {object} Pointed
 * @property {(x: number, y: number) => string[]} lines
 * @property {(us: number) => number} requestAt
 * @property {TimeScale} scale
 */
/**
 * @typedef {object} Moves
 * @property {(from: number, to: number) => void} show
 * @property {(us: number) => void} pan
 * @property {(factor: number, x: number) => void} zoom
 * @property {(which: number) => void} showRequest
 */

const STILL = 4; // pixels: what moves less is a click

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Pointed} view
 * @param {Moves} moves
 */
export function followPointer(canvas, { lines, requestAt, scale }, { show, pan, zoom, showRequest }) {
  /** @type {{ x: number, shown: number[], moved: boolean } | null} */
  let grabbed = null;

  canvas.addEventListener("pointerdown", (event) => {
    grabbed = { x: event.offsetX, shown: scale.shown(), moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (grabbed) {
      const far = event.offsetX - grabbed.x;
      if (!grabbed.moved && Math.abs(far) < STILL) return;
      grabbed.moved = true;
      const [from, to] = grabbed.shown;
      const us = (-far * (to - from)) / scale.width();
      show(from + us, to + us);
      return;
    }
    const said = lines(event.offsetX, event.offsetY);
    if (said.length) showTip(said, event.clientX, event.clientY);
    else hideTip();
  });
  canvas.addEventListener("pointerup", (event) => {
    const clicked = grabbed && !grabbed.moved;
    grabbed = null;
    if (!clicked) return;
    const request = requestAt(scale.usAt(event.offsetX));
    if (request >= 0) showRequest(request);
  });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("dblclick", (event) => zoom(0.25, event.offsetX));
  canvas.addEventListener(
    "wheel",
    (event) => {
      const [sideways, down] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      const [from, to] = scale.shown();
      if (event.ctrlKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, event.offsetX);
      else if (Math.abs(sideways) > Math.abs(down)) pan((sideways * (to - from)) / scale.width());
      else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );
}
