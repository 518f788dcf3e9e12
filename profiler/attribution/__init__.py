"""Trace, symbols and requests -> what each CPU nanosecond was for.

The only place that knows how ONNX Runtime's thread pool waits.
"""
