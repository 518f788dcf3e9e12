// Makes sessions in Node and prints what threads they start; then runs one and prints the CPU time of an idle while.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";

const ort = createRequire(process.env.PACKAGES + "/")("onnxruntime-node");
const model = process.env.MODEL;
const threads = () => readdirSync("/proc/self/task").length;
const options = { intraOpNumThreads: 5, logSeverityLevel: 3 };

await ort.InferenceSession.create(model, { intraOpNumThreads: 1 }); // starts libuv's threads, too
let before = threads();
const session = await ort.InferenceSession.create(model, options);
const fromFile = threads() - before;
before = threads();
await ort.InferenceSession.create(readFileSync(model), options);
const fromBytes = threads() - before;
await session.run({ x: new ort.Tensor("float32", new Float32Array(512 * 512), [512, 512]) });
const cpu = process.cpuUsage();
await setTimeout(300);
const idle = process.cpuUsage(cpu);
console.log(JSON.stringify({ threads: [fromFile, fromBytes], idleMs: (idle.user + idle.system) / 1000 }));
