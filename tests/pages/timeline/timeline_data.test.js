import assert from "node:assert/strict";
import { test } from "node:test";
import { readTimeline } from "../../../profiler/pages/timeline/timeline_data.js";
import { distance } from "../../../profiler/pages/timeline/timeline_wakes.js";

const THREADS = [
  { label: "calling", tid: 1, role: "calling" },
  { label: "pool", tid: 2, role: "pool" },
];
const KINDS = ["compute", "spin-idle"];
const DATA = { kinds: KINDS, threads: THREADS, phase_us: 1000, tail_us: 50, quota: null, wakes: false };

/** @param {Record<string, number[]>} columns */
const typed = (columns) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]));

const COLUMNS = {
  "lane.0.gap": [10, 5], "lane.0.span": [20 * 2 + 1, 30 * 2],
  "lane.1.gap": [], "lane.1.span": [],
  "request.start": [100, 200], "request.late": [0, 40], "request.span": [50, 60],
};

test("lanes and requests are read", () => {
  const timeline = readTimeline(DATA, typed(COLUMNS));
  const [lane, empty] = timeline.lanes;
  assert.deepEqual([[...lane.begin], [...lane.end], [...lane.kind]], [[10, 35], [30, 65], [1, 0]]);
  assert.equal(empty.begin.length, 0);
  assert.deepEqual(timeline.requests, [
    { scheduled: 100, start: 100, end: 150 },
    { scheduled: 260, start: 300, end: 360 },
  ]);
  assert.deepEqual([timeline.us, timeline.tail, timeline.wakes, timeline.quota], [1000, 50, null, null]);
});

test("wake-ups are pairs of threads", () => {
  const columns = { ...COLUMNS, "wake.at": [7, 3], "wake.delay": [1, 2], "wake.threads": [0 * 2 + 1, 1 * 2 + 0] };
  const { wakes } = readTimeline({ ...DATA, wakes: true }, typed(columns));
  assert.deepEqual(wakes && [[...wakes.at], [...wakes.from], [...wakes.to]], [[7, 10], [0, 1], [1, 0]]);
});

test("periods of a quota and stretches of standing still are read", () => {
  const quota = { quota_ms: 10, period_ms: 100 };
  const columns = {
    ...COLUMNS, "quota.gap": [0, 1], "quota.span": [9, 9], "quota.used": [500 * 2, 1100 * 2 + 1],
    "stopped.gap": [4], "stopped.span": [2],
  };
  const read = readTimeline({ ...DATA, quota }, typed(columns)).quota;
  assert.deepEqual(read && [[...read.share], [...read.throttled]], [[0.5, 1.1], [0, 1]]);
  assert.deepEqual(read && [[...read.begin], [...read.stopped.end]], [[0, 10], [6]]);
});

test("the distance from an arrow is that from its nearest point", () => {
  const arrow = { x: 0, y: 0, toX: 10, toY: 0 };
  assert.equal(distance(arrow, 5, 3), 3);
  assert.equal(distance(arrow, 13, 4), 5);
  assert.equal(distance(arrow, -3, -4), 5);
});
