"""pprof's Profile as a message of Google's library, from the fields of its profile.proto."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

NUMBERS, TEXTS = "int64", "string"
MESSAGES: dict[str, dict[int, tuple[str, str, bool]]] = {
    "ValueType": {1: ("type", NUMBERS, False), 2: ("unit", NUMBERS, False)},
    "Label": {
        1: ("key", NUMBERS, False),
        2: ("str", NUMBERS, False),
        3: ("num", NUMBERS, False),
        4: ("num_unit", NUMBERS, False),
    },
    "Sample": {
        1: ("location_id", NUMBERS, True),
        2: ("value", NUMBERS, True),
        3: ("label", "Label", True),
    },
    "Mapping": {
        1: ("id", NUMBERS, False),
        2: ("memory_start", "uint64", False),
        3: ("memory_limit", "uint64", False),
        4: ("file_offset", "uint64", False),
        5: ("filename", NUMBERS, False),
        6: ("build_id", NUMBERS, False),
        7: ("has_functions", "bool", False),
        8: ("has_filenames", "bool", False),
        9: ("has_line_numbers", "bool", False),
        10: ("has_inline_frames", "bool", False),
    },
    "Line": {1: ("function_id", NUMBERS, False), 2: ("line", NUMBERS, False)},
    "Location": {
        1: ("id", NUMBERS, False),
        2: ("mapping_id", NUMBERS, False),
        3: ("address", "uint64", False),
        4: ("line", "Line", True),
    },
    "Function": {
        1: ("id", NUMBERS, False),
        2: ("name", NUMBERS, False),
        3: ("system_name", NUMBERS, False),
        4: ("filename", NUMBERS, False),
    },
    "Profile": {
        1: ("sample_type", "ValueType", True),
        2: ("sample", "Sample", True),
        3: ("mapping", "Mapping", True),
        4: ("location", "Location", True),
        5: ("function", "Function", True),
        6: ("string_table", TEXTS, True),
        10: ("duration_nanos", NUMBERS, False),
        11: ("period_type", "ValueType", False),
        12: ("period", NUMBERS, False),
        13: ("comment", NUMBERS, True),
        14: ("default_sample_type", NUMBERS, False),
    },
}
"""https://github.com/google/pprof/blob/main/proto/profile.proto: number to name, type, repeated."""


def profile_class() -> Any:
    """Return the class of the message Profile."""
    field = descriptor_pb2.FieldDescriptorProto
    scalars = {
        NUMBERS: field.TYPE_INT64,
        "uint64": field.TYPE_UINT64,
        "bool": field.TYPE_BOOL,
        TEXTS: field.TYPE_STRING,
    }
    file = descriptor_pb2.FileDescriptorProto(name="profile.proto", package="pprof", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (called, kind, repeated) in fields.items():
            made = message.field.add(
                name=called,
                number=number,
                label=field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL,
                type=scalars.get(kind, field.TYPE_MESSAGE),
            )
            if kind not in scalars:
                made.type_name = f".pprof.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("pprof.Profile"))
