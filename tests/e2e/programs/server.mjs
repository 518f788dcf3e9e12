// Serves one model ten times a second with onnxruntime-node, until it is ended.
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";

const ort = createRequire(process.env.PACKAGES + "/")("onnxruntime-node");
const session = await ort.InferenceSession.create(process.argv[2], { intraOpNumThreads: 3 });
const x = new ort.Tensor("float32", new Float32Array(512 * 512), [512, 512]);
console.log("ready");
for (;;) {
  await session.run({ x });
  await setTimeout(100);
}
