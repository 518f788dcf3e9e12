// The timeline's data (timeline.py, wakeups.py, quota.py), times in microseconds from the phase's begin.
import { summed } from "../base/packed.js";
import { readSpans } from "./spans.js";

/** @import { Columns } from "../base/packed.js" */
/** @import { Spans } from "./spans.js" */

/** @typedef {{ label: string, tid: number, role: string }} Thread */
/** @typedef {{ quota_ms: number, period_ms: number }} QuotaAbout */
/**
 * @typedef {object} TimelineData
 * @property {string[]} kinds
 * @property {Thread[]} threads
 * @property {number} phase_us the phase's length
 * @property {number} tail_us how long threads poll after a request; 0 where none does
 * @property {QuotaAbout | null} quota null without a limit
 * @property {boolean} wakes whether they were recorded
 */
/** @typedef {Spans & { kind: Uint8Array }} Lane what a thread did */
/** @typedef {{ scheduled: number, start: number, end: number }} Request */
/**
 * Wake-ups, by when they were.
 * @typedef {object} Wakes
 * @property {Float64Array} at
 * @property {Float64Array} delay until the woken thread ran
 * @property {Float64Array} from the thread that woke
 * @property {Float64Array} to the one that was woken
 */
/**
 * The quota's periods.
 * @typedef {object} QuotaPeriods
 * @property {Float64Array} share of the quota that each used
 * @property {Float64Array} throttled 0 or 1
 * @property {Spans} stopped when all threads stood still
 */
/** @typedef {QuotaAbout & Spans & QuotaPeriods} Quota */
/**
 * @typedef {object} Timeline
 * @property {number} us
 * @property {number} tail
 * @property {Lane[]} lanes by thread
 * @property {Request[]} requests by start
 * @property {Wakes | null} wakes
 * @property {Quota | null} quota
 */

/**
 * @param {TimelineData} data
 * @param {Columns} columns
 * @returns {Timeline}
 */
export function readTimeline(data, columns) {
  return {
    us: data.phase_us,
    tail: data.tail_us,
    lanes: data.threads.map((_, lane) => readLane(columns, lane, data.kinds.length)),
    requests: readRequests(columns),
    wakes: data.wakes ? readWakes(columns, data.threads.length) : null,
    quota: data.quota ? readQuota(data.quota, columns) : null,
  };
}

/**
 * @param {Columns} columns
 * @param {number} lane
 * @param {number} kinds
 * @returns {Lane}
 */
function readLane(columns, lane, kinds) {
  const spans = columns[`lane.${lane}.span`];
  const times = readSpans(columns[`lane.${lane}.gap`], spans.map((span) => Math.floor(span / kinds)));
  return { ...times, kind: Uint8Array.from(spans, (span) => span % kinds) };
}

/**
 * @param {Columns} columns
 * @returns {Request[]}
 */
function readRequests(columns) {
  const [late, span] = [columns["request.late"], columns["request.span"]];
  return Array.from(summed(columns["request.start"]), (start, i) => ({
    scheduled: start - late[i],
    start,
    end: start + span[i],
  }));
}

/**
 * @param {Columns} columns
 * @param {number} threads
 * @returns {Wakes}
 */
function readWakes(columns, threads) {
  const pairs = columns["wake.threads"];
  return {
    at: summed(columns["wake.at"]),
    delay: columns["wake.delay"],
    from: pairs.map((pair) => Math.floor(pair / threads)),
    to: pairs.map((pair) => pair % threads),
  };
}

/**
 * @param {QuotaAbout} about
 * @param {Columns} columns
 * @returns {Quota}
 */
function readQuota(about, columns) {
  const used = columns["quota.used"];
  return {
    ...about,
    ...readSpans(columns["quota.gap"], columns["quota.span"]),
    share: used.map((one) => Math.floor(one / 2) / 1000),
    throttled: used.map((one) => one % 2),
    stopped: readSpans(columns["stopped.gap"], columns["stopped.span"]),
  };
}
