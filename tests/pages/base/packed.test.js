// test_packed.py holds these against what Python packs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { readColumn, readColumns, summed } from "../../../profiler/pages/base/packed.js";

/** @param {number[]} bytes */
const packedBytes = (bytes) => deflateSync(Uint8Array.from(bytes)).toString("base64");

test("the examples of DWARF 5, table 7.7", async () => {
  const column = await readColumn(packedBytes([2, 127, 0x80, 1, 0x81, 1, 0xb9, 0x64]));
  assert.deepEqual([...column], [2, 127, 128, 129, 12857]);
});

test("numbers beyond 32 bits are exact", async () => {
  const column = await readColumn(packedBytes([...Array(7).fill(0xff), 0x0f]));
  assert.deepEqual([...column], [Number.MAX_SAFE_INTEGER]);
});

test("an empty column is empty, and columns keep their names", async () => {
  const columns = await readColumns({ none: packedBytes([]), some: packedBytes([7]) });
  assert.deepEqual(Object.entries(columns).map(([name, column]) => [name, ...column]), [["none"], ["some", 7]]);
});

test("what is no column is refused", async () => {
  await assert.rejects(readColumn("!"));
  await assert.rejects(readColumn(Buffer.from("no zlib").toString("base64")));
});

test("differences are summed up", () => {
  assert.deepEqual([...summed(Float64Array.of(3, 0, 2))], [3, 3, 5]);
  assert.deepEqual([...summed(new Float64Array())], []);
});
