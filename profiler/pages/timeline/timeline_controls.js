// What a reader can do with the timeline: zoom, pan, and requests one by one, by buttons and keys; timeline_pointer.js
// adds the mouse.
import { onceAFrame } from "../base/canvas.js";
import { element } from "../base/elements.js";
import { asTime } from "../base/formats.js";
import { timelineView } from "./timeline.js";
import { followPointer } from "./timeline_pointer.js";

/** @import { Thread, Timeline } from "./timeline_data.js" */

/**
 * What the reader looks at.
 * @typedef {object} TimelineState
 * @property {number} request or -1
 * @property {number[] | null} time from and to; null for the whole phase
 */

/**
 * @param {Timeline} timeline
 * @param {Thread[]} threads
 * @param {string[]} kinds
 * @param {TimelineState} state
 * @param {() => void} save called when the state has changed
 */
export function threadTimeline(timeline, threads, kinds, state, save) {
  const view = timelineView(timeline, threads, kinds);
  const { scale } = view;
  const status = element("timeline-status");
  const wholeButton = element("timeline-whole", HTMLButtonElement);
  const redraw = onceAFrame(view.draw);
  const count = timeline.requests.length;

  function shownPart() {
    const [from, to] = scale.shown();
    const part = `${asTime(to - from)} from ${asTime(from)}`;
    if (state.request >= 0) {
      const { scheduled, start, end } = timeline.requests[state.request];
      const late = start - scheduled > 500 ? `, of which ${asTime(start - scheduled)} before it started` : "";
      return `Request ${state.request + 1} of ${count}: ${asTime(end - scheduled)}${late}. Showing ${part}.`;
    }
    return from === 0 && to === timeline.us ? `The whole phase: ${asTime(to)}.` : `Showing ${part}.`;
  }

  function length() {
    const [from, to] = scale.shown();
    return to - from;
  }

  function refresh() {
    status.textContent = `${shownPart()} ${view.wakesSaid()}`.trim();
    wholeButton.disabled = length() >= timeline.us;
    save();
    redraw();
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  function show(from, to) {
    scale.show(from, to);
    state.request = -1;
    state.time = length() >= timeline.us ? null : scale.shown();
    refresh();
  }

  /**
   * @param {number} factor
   * @param {number} [x] what stays where it is; the middle without
   */
  function zoom(factor, x) {
    const [from, to] = scale.shown();
    const middle = x === undefined ? (from + to) / 2 : scale.usAt(x);
    show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }

  /** @param {number} us */
  function pan(us) {
    const [from, to] = scale.shown();
    show(from + us, to + us);
  }

  /**
   * Show a request with the idle spin after it.
   * @param {number} which
   */
  function showRequest(which) {
    if (!count) return;
    state.request = Math.max(0, Math.min(count - 1, which));
    const { scheduled, end } = timeline.requests[state.request];
    const latency = end - scheduled;
    scale.show(scheduled - 0.15 * latency, end + Math.max(latency, timeline.tail * 1.25));
    refresh();
  }

  /** @param {1 | -1} step */
  function nextRequest(step) {
    if (state.request >= 0) return showRequest(state.request + step);
    const [from] = scale.shown();
    const after = timeline.requests.findIndex((one) => one.start >= from);
    if (step > 0) return showRequest(after < 0 ? count - 1 : after);
    return showRequest((after < 0 ? count : after) - 1);
  }

  const whole = () => show(0, timeline.us);

  wholeButton.addEventListener("click", whole);
  element("timeline-in").addEventListener("click", () => zoom(0.5));
  element("timeline-out").addEventListener("click", () => zoom(2));
  element("timeline-previous").addEventListener("click", () => nextRequest(-1));
  element("timeline-next").addEventListener("click", () => nextRequest(1));

  /** @type {Record<string, () => void>} */
  const byKey = {
    ArrowLeft: () => pan(-length() / 5),
    ArrowRight: () => pan(length() / 5),
    ArrowUp: () => zoom(0.5),
    ArrowDown: () => zoom(2),
    "+": () => zoom(0.5),
    "-": () => zoom(2),
    n: () => nextRequest(1),
    p: () => nextRequest(-1),
    Enter: () => nextRequest(1),
    Home: () => show(0, length()),
    End: () => show(timeline.us - length(), timeline.us),
    Escape: whole,
  };
  element("timeline-area").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !byKey[event.key]) return;
    byKey[event.key]();
    event.preventDefault();
  });
  followPointer(element("timeline-canvas", HTMLCanvasElement), view, { show, pan, zoom, showRequest });

  function follow() {
    if (state.request >= 0 && state.request < count) showRequest(state.request);
    else if (state.time) show(state.time[0], state.time[1]);
    else whole();
  }
  return { follow, redraw, restyle: view.restyle, drawNow: view.draw };
}
