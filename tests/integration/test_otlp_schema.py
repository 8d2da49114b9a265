# SPDX-License-Identifier: MIT
"""proto/ is our own writing of other people's facts: every field and value in it is compared with the opentelemetry-proto package."""

import subprocess

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool

# imported to be registered, with all that they stand on
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2  # noqa: F401
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2  # noqa: F401
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2  # noqa: F401

from conftest import ROOT

PROTO = ROOT / "proto"
LABELS = {1: "optional", 2: "required", 3: "repeated"}


def compiled(folder, where):
    """Our files as descriptors."""
    out = where / "descriptors"
    subprocess.run(["protoc", f"-I{folder}", "--include_imports", f"--descriptor_set_out={out}", *sorted(map(str, folder.glob("*.proto")))],
                   check=True, timeout=60)
    return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


def flat(messages, prefix):
    for message in messages:
        name = f"{prefix}.{message.name}"
        yield name, message
        yield from flat(message.nested_type, name)


def field_facts(field, message):
    return {
        "name": field.name,
        "type": field.type,
        "label": LABELS[field.label],
        "type_name": field.type_name,
        "oneof": message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None,
        "packed": field.options.packed if field.options.HasField("packed") else None,
        "proto3_optional": field.proto3_optional,
    }


def official(name, kind):
    """The descriptor of the same full name, as a message that can be read like ours."""
    pool = descriptor_pool.Default()
    found = pool.FindMessageTypeByName(name) if kind == "message" else pool.FindEnumTypeByName(name)
    copy = descriptor_pb2.DescriptorProto() if kind == "message" else descriptor_pb2.EnumDescriptorProto()
    found.CopyToProto(copy)
    return copy


def differences(descriptors):
    """What differs, and how many fields and values were looked at."""
    wrong, looked_at = [], 0
    for file in descriptors.file:
        for name, ours in flat(file.message_type, file.package):
            theirs = official(name, "message")
            numbered = {f.number: field_facts(f, theirs) for f in theirs.field}
            for field in ours.field:
                looked_at += 1
                if field_facts(field, ours) != numbered.get(field.number):
                    wrong.append(f"{name}.{field.name}: {field_facts(field, ours)} is not {numbered.get(field.number)}")
            for enum in ours.enum_type:
                known = {v.number: v.name for v in official(f"{name}.{enum.name}", "enum").value}
                for v in enum.value:
                    looked_at += 1
                    if known.get(v.number) != v.name:
                        wrong.append(f"{name}.{enum.name}.{v.name}")
    return wrong, looked_at


def test_the_schema_is_the_published_one(tmp_path):
    wrong, looked_at = differences(compiled(PROTO, tmp_path))
    assert not wrong
    assert looked_at > 55


MISTAKES = [
    ("trace.proto", "fixed32 flags = 16", "uint32 flags = 16"),
    ("trace.proto", "string name = 5", "string name = 17"),
    ("trace.proto", "bytes parent_span_id", "bytes parent_id"),
    ("trace.proto", "repeated Event events", "Event events"),
    ("trace.proto", "SPAN_KIND_SERVER = 2", "SPAN_KIND_SERVE = 2"),
    ("trace.proto", "STATUS_CODE_OK = 1;\n    STATUS_CODE_ERROR = 2", "STATUS_CODE_ERROR = 1;\n    STATUS_CODE_OK = 2"),
    ("common.proto", "double double_value", "float double_value"),
    ("trace_service.proto", "int64 rejected_spans", "uint64 rejected_spans"),
]


@pytest.mark.parametrize("file, right, mistake", MISTAKES)
def test_a_mistake_in_the_schema_is_found(tmp_path, file, right, mistake):
    folder = tmp_path / "proto"
    folder.mkdir()
    for source in PROTO.glob("*.proto"):
        content = source.read_text()
        if source.name == file:
            assert content.count(right) == 1
            content = content.replace(right, mistake)
        (folder / source.name).write_text(content)
    wrong, _ = differences(compiled(folder, tmp_path))
    assert len(wrong) in (1, 2)
