from __future__ import annotations

from profiler.spec.catalogue import presets
from profiler.spec.node_code import as_node


def test_entries_are_nested_by_their_dots() -> None:
    catalogue = presets()
    assert as_node(catalogue.find("spin-off").adjusted(threads=2, entries={}), catalogue.settings) == (
        'import ort from "onnxruntime-node";\n\n'
        "// session.intra_op.allow_spinning: ONNX Runtime 1.8 or later\n"
        "// session.inter_op.allow_spinning: ONNX Runtime 1.8 or later\n"
        "const options = {\n"
        '  "intraOpNumThreads": 2,\n'
        '  "extra": {\n'
        '    "session": {\n'
        '      "intra_op": {\n'
        '        "allow_spinning": "0"\n'
        "      },\n"
        '      "inter_op": {\n'
        '        "allow_spinning": "0"\n'
        "      }\n"
        "    }\n"
        "  }\n"
        "};\n"
        'const session = await ort.InferenceSession.create("model.onnx", options);\n'
    )
