import assert from "node:assert/strict";
import { test } from "node:test";
import { fragmentOf, readState } from "../../../profiler/pages/run/state.js";

const LINKS = [
  "",
  "cpu=off",
  "cpu=operators&operator=2",
  "frame=3.17&invert=1&graph=flame",
  "inlined=0&thread=1&window=idle&hide=compute.app&search=a+%26+b%3D%23",
  "request=3",
  "time=120-450",
];

test("a link's state makes the same link", () => {
  for (const link of LINKS) assert.equal(fragmentOf(readState(link && `#${link}`)), link);
});

test("nothing is the whole graph of time on the CPU, and the whole phase", () => {
  assert.deepEqual(readState(""), {
    side: "on", operator: -1, frame: [], invert: false, upwards: false, inlined: true, thread: -1, window: "",
    hide: new Set(), search: "", request: -1, time: null,
  });
});

test("what makes no sense is as if it were not there", () => {
  const nonsense = "#cpu=gpu&operator=-1&frame=a.3.-4.&invert=yes&graph=x&thread=1e3";
  assert.deepEqual(readState(`${nonsense}&window=x&hide=..&request=x&time=9-3`), { ...readState(""), frame: [3] });
});

test("a request stands before a time, and times are whole", () => {
  const state = { ...readState(""), time: [1.4, 99.6] };
  assert.equal(fragmentOf(state), "time=1-100");
  assert.equal(fragmentOf({ ...state, request: 0 }), "request=0");
});
