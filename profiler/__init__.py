"""ortprof: where ONNX Runtime's CPU time and its requests' latency go."""
