import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTree } from "../../../profiler/pages/flame/call_tree.js";
import { sumBothSides } from "../../../profiler/pages/compare/both_sides.js";
import { changeOf } from "../../../profiler/pages/compare/difference.js";
import { changed } from "../../../profiler/pages/compare/difference_controls.js";

const GRAPH = {
  kinds: ["compute", "futex"],
  patterns: ["compute", "futex"],
  name: ["a", "b", "c"],
  lowered: ["a", "b", "c"],
  library: ["", "", ""],
  tree: makeTree([0, 1, 0], [0, 1, 2]),
  node: Int32Array.of(0, 1, 1, 2),
  kind: Uint8Array.of(0, 0, 1, 1),
  inRequest: Uint8Array.of(1, 1, 0, 0),
  spent: [Float64Array.of(1, 2, 4, 8), Float64Array.of(10, 20, 40, 80)],
};

test("both sides' time is summed up the tree, by kind", () => {
  const { total, parts, all } = sumBothSides(GRAPH, "");
  assert.deepEqual(total.map((side) => [...side]), [[7, 6, 8], [70, 60, 80]]);
  assert.deepEqual([...parts[0]], [3, 4, 2, 4, 0, 8]);
  assert.deepEqual(all, [15, 150]);
});

test("a window leaves what is in requests, or outside", () => {
  assert.deepEqual(sumBothSides(GRAPH, "request").all, [3, 30]);
  assert.deepEqual(sumBothSides(GRAPH, "idle").all, [12, 120]);
});

test("a change goes from all before to all after", () => {
  assert.deepEqual([[5, 0], [1, 1], [0, 3], [0, 0], [1, 3]].map(([a, b]) => changeOf(a, b)), [-1, 0, 1, 0, 0.5]);
});

test("a change in words has a sign, and a share where there was something before and after", () => {
  const said = [[2e6, 1e6], [1e6, 1.5e6], [0, 1e6], [1e6, 1e6]].map(changed);
  assert.deepEqual(said.map((one) => one.replaceAll("\u00a0", " ")), [
    "−1.00 ms a request, −50 %",
    "+0.500 ms a request, +50 %",
    "+1.00 ms a request",
    "+0 ms a request, +0 %",
  ]);
});
