import assert from "node:assert/strict";
import { test } from "node:test";
import { compared, nextOrder } from "../../../profiler/pages/base/tables.js";

test("the first click sorts as the column says, the next one the other way round", () => {
  assert.equal(nextOrder(null, "descending"), "descending");
  assert.equal(nextOrder("none", "ascending"), "ascending");
  assert.equal(nextOrder("ascending", "ascending"), "descending");
  assert.equal(nextOrder("descending", "ascending"), "ascending");
});

test("numbers compare as numbers, text as text", () => {
  assert.deepEqual([10, 9, -1].sort(compared), [-1, 9, 10]);
  assert.deepEqual(["b", "10", "9", "a"].sort(compared), ["10", "9", "a", "b"]);
});
