import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTree } from "../../../profiler/pages/flame/call_tree.js";
import { filterOf, sideOf, windowOf } from "../../../profiler/pages/flame/flame.js";
import { readState } from "../../../profiler/pages/run/state.js";
import { madeProfile } from "../made_trees.js";

const PROFILE = madeProfile(makeTree([0], [0]), {
  node: Int32Array.of(0, 0, 0, 0),
  kind: Uint8Array.of(0, 1, 0, 1),
  inRequest: Uint8Array.of(0, 0, 1, 1),
  thread: Int32Array.of(0, 1, 0, 2),
});

/**
 * @param {string} fragment
 * @param {Partial<typeof PROFILE>} parts
 */
function passing(fragment, parts = {}) {
  const passes = filterOf({ ...PROFILE, ...parts }, readState(fragment));
  return [0, 1, 2, 3].filter(passes);
}

test("choices leave the rows that pass all of them", () => {
  assert.deepEqual(passing(""), [0, 1, 2, 3]);
  assert.deepEqual(passing("#thread=0"), [0, 2]);
  assert.deepEqual(passing("#window=request"), [2, 3]);
  assert.deepEqual(passing("#window=idle"), [0, 1]);
  assert.deepEqual(passing("#hide=spin-idle"), [0, 2]);
  assert.deepEqual(passing("#hide=spin-idle&window=request&thread=0"), [2]);
  assert.deepEqual(passing("#hide=compute.spin-idle"), []);
});

test("where rows are of lanes, the operator counts and not the thread", () => {
  const lanes = ["MatMul", "Add", "between"];
  assert.deepEqual(passing("#thread=0&operator=1", { lanes }), [1]);
  assert.deepEqual(passing("#operator=1"), [0, 1, 2, 3]);
});

test("what is no side or window is the first of them", () => {
  assert.deepEqual(["on", "off", "operators", "x", null].map(sideOf), ["on", "off", "operators", "on", "on"]);
  assert.deepEqual(["", "request", "idle", "x", null].map(windowOf), ["", "request", "idle", "", ""]);
});
