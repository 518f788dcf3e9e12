import assert from "node:assert/strict";
import { test } from "node:test";
import { fitName, partsInWords } from "../../../profiler/pages/flame/frame_names.js";

const NAMES = [
  "main",
  "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>::WorkerLoop(int)",
  "[spin] libonnxruntime.so.1.20.0+0x8a3f10 (function)",
  "[kernel] futex_wait_queue_me_and_more",
  "operator<< <std::string>(std::ostream&) const",
];

test("a name that fits stays whole", () => {
  for (const name of NAMES) assert.equal(fitName(name, name.length), name);
});

test("a name never takes more than its room", () => {
  for (const name of NAMES)
    for (let room = 2; room < name.length; room++) assert.ok(fitName(name, room).length <= room, `${name} in ${room}`);
});

test("C++ names keep their end, others their beginning, addresses all of it or nothing", () => {
  assert.match(fitName(NAMES[1], 14), /^….*WorkerLoop$/);
  assert.match(fitName(NAMES[3], 14), /^\[kernel\].*…$/);
  assert.equal(fitName(NAMES[2], 20), "[spin] +0x8a3f10");
  assert.equal(fitName(NAMES[2], 7), "");
});

test("parts are named by falling share, small ones left out", () => {
  const shares = [0.25, 0, 0.7, 0.05];
  const said = partsInWords(["a", "b", "c", "d"], (i) => shares[i]);
  assert.equal(said.replaceAll("\u00a0", " "), "c 70 %, a 25 %, d 5.0 %");
  assert.equal(partsInWords(["a", "b", "c", "d"], (i) => shares[i], 0.3).replaceAll("\u00a0", " "), "c 70 %");
});
