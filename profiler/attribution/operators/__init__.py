"""CPU time by operator of the graph, from ONNX Runtime's own profiler."""
