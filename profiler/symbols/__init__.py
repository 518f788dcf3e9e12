"""Address -> function, source line, instructions. Knows ELF, DWARF, x86-64 and aarch64, and no ONNX Runtime."""
