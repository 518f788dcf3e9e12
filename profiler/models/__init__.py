"""ONNX files for workloads: catalogue, synthetic graph, export through transformers."""
