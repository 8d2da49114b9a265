# SPDX-License-Identifier: MIT
"""The table of variables in telemetry/README.md against the code that reads them, and each wrong value against what is said about it."""

import re

import pytest

from conftest import ROOT

TELEMETRY = ROOT / "telemetry"
SIGNALS = ["TRACES", "METRICS", "LOGS"]
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.+?) \| (.+?) \| (.+) \|$", re.M)
ROWS = {name: (unset, wrong) for name, unset, wrong, _ in ROW.findall((TELEMETRY / "README.md").read_text())}


def expanded(name):
    return [name.replace("SIGNAL", s) for s in SIGNALS] if "_SIGNAL_" in name and "EXCEPTION" not in name else [name]


def read_by_the_code():
    names = set()
    for file in TELEMETRY.rglob("*.c"):
        text = file.read_text()
        # warnings name variables in the middle of their text: only whole literals are lookups
        names |= set(re.findall(r'"((?:OTEL|MOTE|AWS|OTLP|LAMBDA|_X)_[A-Z0-9_]*[A-Z0-9])"', text))
        for what in re.findall(r'otlp_setting\([^;]*?"([A-Z0-9_]+)"\)', text):
            names |= {f"OTEL_EXPORTER_OTLP_{what}"} | {f"OTEL_EXPORTER_OTLP_{s}_{what}" for s in SIGNALS}
    return names


def test_the_table_has_every_variable_that_is_read_and_no_other():
    assert {one for name in ROWS for one in expanded(name)} == read_by_the_code()


WRONG = {  # what a careless person might write
    "LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE": "eventually",
    "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT": "2s",
    "OTEL_SDK_DISABLED": "1",
    "OTEL_RESOURCE_ATTRIBUTES": "team=a b,broken",
    "OTEL_TRACES_SAMPLER": "sometimes",
    "OTEL_TRACES_SAMPLER_ARG": "1.5",
    "MOTE_TRACES_TAIL": "slow",
    "MOTE_FOLLOW_LAMBDA_SAMPLING": "yes",
    "MOTE_FAAS_METRICS": "on",
    "MOTE_LOG_STDOUT": "no",
    "MOTE_RANDOM_IDS": "1",
    "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": "exceptions",
    "OTEL_METRICS_EXEMPLAR_FILTER": "some",
    "OTEL_METRIC_EXPORT_INTERVAL": "60s",
    "OTEL_PROPAGATORS": "jaeger",
    "OTEL_TRACES_EXPORTER": "zipkin",
    "OTEL_METRICS_EXPORTER": "prometheus",
    "OTEL_LOGS_EXPORTER": "syslog",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "json",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "json",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "json",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "10s",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "-1",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "1e3",
    "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "0x10",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "deflate",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "zstd",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION": "1",
    "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "true",
    "MOTE_GZIP_LEVEL": "10",
    "OTLP_STDOUT_SPAN_EXPORTER_COMPRESSION_LEVEL": "best",
    "OTEL_EXPORTER_OTLP_HEADERS": "secret",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "secret",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "secret",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "secret",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "both",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "exponential",
    "OTEL_CONFIG_FILE": "otel.yaml",
    "OTEL_EXPERIMENTAL_CONFIG_FILE": "otel.yaml",
    **{name: "many" for name in ROWS if name.endswith("_LIMIT")},
}
NEEDS = {"OTEL_TRACES_SAMPLER_ARG": {"OTEL_TRACES_SAMPLER": "traceidratio"},
         "OTLP_STDOUT_SPAN_EXPORTER_COMPRESSION_LEVEL": {"OTEL_TRACES_EXPORTER": "otlpstdout"}}
UNSHOWN = ("HEADERS", "RESOURCE_ATTRIBUTES")  # may hold a secret
SHARED = {"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_HEADERS",  # read for each signal
          "OTEL_EXPORTER_OTLP_COMPRESSION", "MOTE_GZIP_LEVEL",
          "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"}


def test_every_variable_that_can_be_wrong_is_tried():
    assert set(WRONG) == {one for name, (_, wrong) in ROWS.items() if wrong != "-" for one in expanded(name)}


@pytest.fixture
def run(emulate, sink):
    def run(variables):
        env = {"OTEL_METRIC_EXPORT_INTERVAL": "0", "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, **variables}
        if not any(name.endswith("_EXPORTER") for name in env):
            env |= {f"OTEL_{signal}_EXPORTER": "otlp" for signal in SIGNALS}
        options = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
        report = emulate("signals", "--no-otlp", *options, events=[b"{}"] * 3)
        assert report.violations == [] and report.status == 0, report.log
        assert report.answers() == [b"{}"] * 3
        return [line for line in report.logs().splitlines() if "\t" in line and line.startswith(("[WARN]", "[ERROR]"))]

    return run


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_value_is_said_once_with_what_is_used_instead(run, name):
    said = run({**NEEDS.get(name, {}), name: WRONG[name]})
    row = next(row for row in ROWS if name in expanded(row))
    about = [line for line in said if line.split("\t")[3].startswith((f"{name}=", f"{name}:"))]
    assert len(about) in ((1, 2, 3) if name in SHARED else (1,)), said
    for line in about:
        assert (f"{name}={WRONG[name]}:" in line) != name.endswith(UNSHOWN), line
        assert ROWS[row][1] in line
    assert said == about


def test_right_values_are_not_talked_about(run):
    assert run({}) == []
    right = {name: unset for name, (unset, wrong) in ROWS.items() if wrong != "-" and re.fullmatch(r"[a-z0-9_,/-]+", unset)}
    for word in "nothing", "none":
        right = {name: value for name, value in right.items() if value != word}
    assert len(right) > 12
    assert run(right) == []
    assert run({name: "" for name in WRONG}) == []
    assert run({name: value.upper() for name, value in right.items()}) == []


@pytest.mark.parametrize("name", ["OTEL_LOG_LEVEL", "AWS_LAMBDA_LOG_LEVEL"])
def test_what_telemetry_says_has_a_level_of_its_own(run, name):
    wrong = {"OTEL_TRACES_SAMPLER": "sometimes"}
    for level, lines in ("warn", 1), ("INFO", 1), ("error", 0), ("FATAL", 0):
        assert len(run({**wrong, name: level})) == lines
    assert len(run({**wrong, "AWS_LAMBDA_LOG_LEVEL": "FATAL", "OTEL_LOG_LEVEL": "warn"})) == 1
    assert len(run({**wrong, "OTEL_LOG_LEVEL": "none"})) == 0
