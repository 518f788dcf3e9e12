"""ortprof's verdicts held against the truth: programs that know it, and real ONNX Runtime wheels.

`make accuracy` (`python -m benchmarks.accuracy`) runs all of it and prints the tables of docs/accuracy.md;
pytest runs a part. Nothing here knows how attribution works, only what it should find.
"""
