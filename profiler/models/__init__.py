"""ONNX files for workloads: catalogue, synthetic graph, export through transformers.

`shipped`, `bert_config`, `progress`, `model_cache`, `prepare`, `origin` and `export` are light to import. The
others import numpy, onnx or torch at their top and are imported when a model has to be built.
"""
