"""perf's output as a columnar trace. Knows perf's text, and no ONNX Runtime."""
