import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAbove, readSpans, spanAt } from "../../../profiler/pages/timeline/spans.js";
import { SEEDS, randomNumbers } from "../made_trees.js";

test("spans follow from the gaps before them", () => {
  const { begin, end } = readSpans(Float64Array.of(5, 0, 10), Float64Array.of(2, 3, 1));
  assert.deepEqual([...begin], [5, 7, 20]);
  assert.deepEqual([...end], [7, 10, 21]);
});

test("the first above a bound is found as by looking at each", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const column = Array.from({ length: random(20) }, () => random(30)).sort((a, b) => a - b);
    for (let bound = -1; bound <= 30; bound++) {
      const found = column.findIndex((value) => value > bound);
      assert.equal(firstAbove(column, bound), found < 0 ? column.length : found);
    }
  }
});

test("an instant is in the span around it, whose end is not its own", () => {
  const spans = readSpans(Float64Array.of(5, 0, 10), Float64Array.of(2, 3, 1));
  const found = [4, 5, 6.9, 7, 9, 10, 19, 20, 21].map((us) => spanAt(spans, us));
  assert.deepEqual(found, [-1, 0, 0, 1, 1, -1, -1, 2, -1]);
});
