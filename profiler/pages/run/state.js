// What the reader looks at, in the address's fragment: a link reopens the view.
//   #cpu=off&operator=2&frame=3.17&invert=1&graph=flame&thread=1&window=idle&hide=compute.app&inlined=0&search=loop
//   &request=3&time=120-450
import { sideOf, windowOf } from "../flame/flame.js";

/** @import { FlameState } from "../flame/flame.js" */
/** @import { TimelineState } from "../timeline/timeline_controls.js" */
/** @typedef {FlameState & TimelineState} State */

const WRITE_AFTER_MS = 100; // browsers limit how often an address may change

/**
 * The state of a fragment, from a stranger's link perhaps: what makes no sense is as if it were not there.
 * @param {string} fragment with its `#`, or empty
 * @returns {State}
 */
export function readState(fragment) {
  const given = new URLSearchParams(fragment.slice(1));
  /** @param {string} name */
  const text = (name) => given.get(name) ?? "";
  /** @param {string} name */
  const whole = (name) => (/^\d+$/.test(text(name)) ? Number(text(name)) : -1);
  const time = /^(\d+)-(\d+)$/.exec(text("time"))?.slice(1).map(Number) ?? [0, 0];
  return {
    side: sideOf(text("cpu")),
    operator: whole("operator"),
    frame: text("frame").split(".").filter((part) => /^\d+$/.test(part)).map(Number),
    invert: text("invert") === "1",
    upwards: text("graph") === "flame",
    inlined: text("inlined") !== "0",
    thread: whole("thread"),
    window: windowOf(text("window")),
    hide: new Set(text("hide").split(".").filter(Boolean)),
    search: text("search"),
    request: whole("request"),
    time: time[1] > time[0] ? time : null,
  };
}

/**
 * The fragment of a state, without `#`.
 * @param {State} state
 */
export function fragmentOf(state) {
  const parts = new URLSearchParams();
  if (state.side !== "on") parts.set("cpu", state.side);
  if (state.operator >= 0) parts.set("operator", String(state.operator));
  if (state.frame.length) parts.set("frame", state.frame.join("."));
  if (state.invert) parts.set("invert", "1");
  if (state.upwards) parts.set("graph", "flame");
  if (!state.inlined) parts.set("inlined", "0");
  if (state.thread >= 0) parts.set("thread", String(state.thread));
  if (state.window) parts.set("window", state.window);
  if (state.hide.size) parts.set("hide", [...state.hide].join("."));
  if (state.search) parts.set("search", state.search);
  if (state.request >= 0) parts.set("request", String(state.request));
  else if (state.time) parts.set("time", state.time.map(Math.round).join("-"));
  return parts.toString();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

/**
 * Write the state into the address, a moment later and once.
 * @param {State} state
 */
export function writeState(state) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const fragment = fragmentOf(state);
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
  }, WRITE_AFTER_MS);
}
