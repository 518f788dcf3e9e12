// The grid that holds these and Python's formats equal is in test_formats.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asMs, asPercent, asTime, significant } from "../../../profiler/pages/base/formats.js";

/** @param {string} text */
const spaced = (text) => text.replaceAll("\u00a0", " ");

test("three significant digits, thousands apart", () => {
  const written = [0, 0.0004, 0.001, 0.0123, 0.5, 1.234, 12.34, 99.96, 123.4, 1180, 1234567].map(significant);
  assert.deepEqual(written.map(spaced), [
    "0", "< 0.001", "0.001", "0.012", "0.500", "1.23", "12.3", "100.0", "123", "1,180", "1,234,567",
  ]);
});

test("of two that are equally near, the even one", () => {
  assert.deepEqual([0.125, 0.375, 100.5, 101.5].map(significant), ["0.125", "0.375", "100", "102"]);
  assert.deepEqual([0.125, 0.135, 0.0225, 0.0275].map(asPercent).map(spaced), ["12 %", "14 %", "2.2 %", "2.8 %"]);
});

test("a time has the unit that suits it", () => {
  const times = [0, 999.4, 1000, 12_345, 999_999, 1e6, 83_000_000].map(asTime);
  assert.deepEqual(times.map(spaced), ["0 µs", "999 µs", "1.00 ms", "12.3 ms", "1,000 ms", "1.00 s", "83.0 s"]);
  assert.equal(asMs(1500), "1.50\u00a0ms");
});

test("a share as percent", () => {
  const shares = [0, 0.0005, 0.001, 0.0123, 0.0995, 0.5, 1, 12.3];
  assert.deepEqual(shares.map(asPercent).map(spaced), [
    "0 %", "< 0.1 %", "0.1 %", "1.2 %", "10 %", "50 %", "100 %", "1230 %",
  ]);
});
