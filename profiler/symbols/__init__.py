"""Address -> function, source line, instructions. Knows ELF, x86-64 and aarch64, and no ONNX Runtime.

`library` and what it builds on import numpy (0.1 s): import them only where a command runs.
"""
