import assert from "node:assert/strict";
import { test } from "node:test";
import { coverage } from "../../../profiler/pages/timeline/timeline_lanes.js";
import { readSpans } from "../../../profiler/pages/timeline/spans.js";
import { SEEDS, randomNumbers } from "../made_trees.js";

const KINDS = 3;

test("a span covers its part of each column", () => {
  const lane = { begin: Float64Array.of(15), end: Float64Array.of(45), kind: Uint8Array.of(1) };
  const cover = coverage(lane, [0, 1], { from: 0, to: 100, columns: 10, kinds: KINDS });
  const of = Array.from({ length: 10 }, (_, x) => cover[x * KINDS + 1]);
  assert.deepEqual(of, [0, 0.5, 1, 1, 0.5, 0, 0, 0, 0, 0]);
});

test("columns hold what the spans in view last, by kind", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const length = 1 + random(40);
    const spans = readSpans(
      Float64Array.from({ length }, () => random(30)),
      Float64Array.from({ length }, () => 1 + random(30)),
    );
    const lane = { ...spans, kind: Uint8Array.from({ length }, () => random(KINDS)) };
    const [from, to] = [10, 10 + 1 + random(500)];
    const [first, last] = [spans.end.findIndex((end) => end > from), spans.begin.filter((begin) => begin <= to).length];
    if (first < 0) continue;
    const columns = 1 + random(60);
    const cover = coverage(lane, [first, last], { from, to, columns, kinds: KINDS });
    for (let kind = 0; kind < KINDS; kind++) {
      const expected = Array.from(lane.kind, (one, i) =>
        one === kind ? Math.max(0, Math.min(to, lane.end[i]) - Math.max(from, lane.begin[i])) : 0,
      ).reduce((sum, us) => sum + us, 0);
      const covered = Array.from(cover).filter((_, i) => i % KINDS === kind).reduce((sum, part) => sum + part, 0);
      assert.ok(Math.abs((covered / columns) * (to - from) - expected) < 1e-2);
    }
  }
});
