// SPDX-License-Identifier: MIT
// An export request of any signal as structures: every field of OTLP 1.x's messages that people look at, unknown ones passed over.
//
// The slices point into the request's bytes, which must outlive the decoded form; the arrays belong to struct otlp and
// are given back by otlp_free. A request that is not protobuf at all sets error; one that is, but breaks a rule that
// OTLP adds (an id of 5 bytes, text that is not UTF-8, an end before its start), is kept and the breach is a problem.
#pragma once
#include "wire.h"

enum value_type {
	VALUE_EMPTY,
	VALUE_STRING,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_DOUBLE,
	VALUE_ARRAY,
	VALUE_KVLIST,
	VALUE_BYTES,
};

struct attributes {
	struct attribute *at;
	size_t n;
	uint32_t dropped;
};

struct value {
	enum value_type type;
	union {
		struct slice text; // VALUE_STRING, VALUE_BYTES
		bool yes;
		int64_t integer;
		double real;
		struct {
			struct value *at;
			size_t n;
		} array;
		struct attributes fields; // VALUE_KVLIST
	};
};

struct attribute {
	struct slice key;
	struct value value;
};

struct resource {
	struct attributes attributes;
	struct slice schema_url;
};

struct scope {
	struct slice name, version, schema_url;
	struct attributes attributes;
};

struct span_event {
	uint64_t time;
	struct slice name;
	struct attributes attributes;
};

struct span_link {
	struct slice trace_id, span_id, trace_state;
	struct attributes attributes;
	uint32_t flags;
};

enum span_kind { KIND_UNSPECIFIED, KIND_INTERNAL, KIND_SERVER, KIND_CLIENT, KIND_PRODUCER, KIND_CONSUMER };
enum status_code { STATUS_UNSET, STATUS_OK, STATUS_ERROR };

struct span {
	struct slice trace_id, span_id, parent_span_id, trace_state, name;
	uint64_t start, end; // ns since the epoch
	unsigned kind;       // enum span_kind, or a number that nobody has named yet
	unsigned status;     // enum status_code, likewise
	struct slice status_message;
	uint32_t flags;
	struct attributes attributes;
	struct span_event *events;
	struct span_link *links;
	size_t n_events, n_links;
	uint32_t dropped_events, dropped_links;
	const struct resource *resource; // never NULL
	const struct scope *scope;       // never NULL
};

struct data_point {
	struct slice metric, unit;
	const char *kind; // "gauge", "sum", ...
	unsigned temporality;
	bool monotonic, is_int, has_sum, has_min, has_max;
	uint64_t start, time;
	int64_t integer; // of a number
	double real;
	uint64_t count; // of a histogram
	double sum, min, max;
	struct attributes attributes;
	const struct resource *resource; // never NULL
	const struct scope *scope;       // never NULL
};

struct log_record {
	uint64_t time, observed;
	unsigned severity;
	struct slice severity_text, event_name, trace_id, span_id;
	struct value body;
	struct attributes attributes;
	const struct resource *resource; // never NULL
	const struct scope *scope;       // never NULL
};

enum otlp_kind { OTLP_TRACES, OTLP_METRICS, OTLP_LOGS };

enum { OTLP_PROBLEMS = 16, OTLP_PROBLEM_SIZE = 160 };

struct otlp {
	struct span *spans;
	size_t n_spans;
	struct data_point *points;
	struct log_record *records;
	size_t n_points, n_records;
	size_t n_resources; // ResourceSpans (Metrics, Logs) in the request
	const char *error;  // why nothing could be read, or NULL
	size_t n_problems;  // all that were found; the first OTLP_PROBLEMS are kept
	char problems[OTLP_PROBLEMS][OTLP_PROBLEM_SIZE];
	struct otlp_block *blocks; // private
};

bool otlp_decode(struct otlp *o, enum otlp_kind kind,
                 struct slice request); // false: error is set; otlp_free is due either way
void otlp_free(struct otlp *o);
const struct value *attributes_get(const struct attributes *a, const char *key); // NULL: not there
bool otlp_kind_of_path(const char *path, enum otlp_kind *kind);                  // /v1/traces, /v1/metrics, /v1/logs
bool slice_is(struct slice s, const char *text);
