// SPDX-License-Identifier: MIT
#include "test.h"

#include "encode/otlp_json.h"
#include "lambda_json.h"
#include "record/wire.h"

#include <string.h>

/* service.name=my-fn, scope lib, span hello, kind SERVER, 1 ms, flags 0x101 */
static const char vector[] = "\x0a\x63\x0a\x19\x0a\x17\x0a\x0cservice.name\x12\x07\x0a\x05my-"
							 "fn\x12\x46\x0a\x05\x0a\x03lib\x12\x3d\x0a\x10\x67\x74\x85\x80"
							 "\xa0\x06\x64\x91\x27\xe3\x71\x90\x3a\x2d\xe9\x79\x12\x08\x53\x99\x5c\x3f\x42\xcd\x8a\xd8"
							 "\x2a\x05hello\x30\x02\x39\x00\x00\x57\xc0"
							 "\x7e\x68\x16\x18\x41\x40\x42\x66\xc0\x7e\x68\x16\x18\x85\x01\x01\x01\x00\x00";

static const char expected[] =
	"{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"my-fn\"}"
	"}]},"
	"\"scopeSpans\":[{\"scope\":{\"name\":\"lib\"},\"spans\":[{\"traceId\":\"67748580a006649127e371903a2de979\","
	"\"spanId\":\"53995c3f42cd8ad8\",\"name\":\"hello\",\"kind\":2,\"startTimeUnixNano\":\"1735689600000000000\","
	"\"endTimeUnixNano\":\"1735689600001000000\",\"flags\":257}]}]}]}";

static char room[4096];

static str json_of(enum signal signal, str request, bool *good)
{
	struct text t = { .p = room, .cap = sizeof room };

	*good = otlp_json_wire(&t, signal, request);
	return (str){ t.p, t.n };
}

/* What is in a request's items, which stand three messages deep. */
static bool says(enum signal signal, str item, const char *json)
{
	char bytes[256];
	size_t n = item.n;
	bool good;
	str found;

	memcpy(bytes + 6, item.p, n);
	for (int i = 4; i >= 0; i -= 2) { /* every length under 128 */
		bytes[i] = i == 0 ? 0x0a : 0x12;
		bytes[i + 1] = (char)n;
		n += 2;
	}
	found = json_of(signal, (str){ bytes, n }, &good);
	return good && lambda_json_valid(found) && found.n >= strlen(json) && strstr(found.p, json);
}

TEST(the_published_span_is_this_text)
{
	bool good;

	CHECK(str_eq(json_of(SIGNAL_TRACES, (str){ vector, sizeof vector - 1 }, &good),
	             (str){ expected, sizeof expected - 1 }));
	CHECK(good);
}

TEST(a_request_cut_anywhere_is_none)
{
	bool good;

	for (size_t n = 1; n < sizeof vector - 1; n++) {
		json_of(SIGNAL_TRACES, (str){ vector, n }, &good);
		CHECK(!good);
	}
	CHECK(str_eq(json_of(SIGNAL_TRACES, (str){ vector, 0 }, &good), S("{}")) && good);
}

static char collected[4096];
static size_t collected_n;

static bool collect(struct text *t)
{
	memcpy(collected + collected_n, t->p, t->n);
	collected_n += t->n;
	t->n = 0;
	return true;
}

TEST(pieces_of_any_size_are_the_same_text)
{
	str request = { vector, sizeof vector - 1 };

	for (size_t cap = 1; cap < sizeof expected; cap++) {
		struct text t = { .p = room, .cap = cap, .flush = collect };

		collected_n = 0;
		CHECK(otlp_json_wire(&t, SIGNAL_TRACES, request) && collect(&t));
		CHECK(collected_n == sizeof expected - 1 && !memcmp(collected, expected, collected_n));
	}
}

TEST(room_that_is_short_by_any_number_is_full_and_counted)
{
	str request = { vector, sizeof vector - 1 };
	struct text counted = { .p = NULL };

	otlp_json_wire(&counted, SIGNAL_TRACES, request);
	CHECK(counted.total == sizeof expected - 1);
	for (size_t cap = 0; cap < sizeof expected - 1; cap++) {
		struct text t = { .p = room, .cap = cap };

		room[cap] = 'x';
		otlp_json_wire(&t, SIGNAL_TRACES, request);
		CHECK(t.full && t.n <= cap && t.total == counted.total && room[cap] == 'x');
	}
}

TEST(numbers_have_the_form_of_their_type)
{
	/* Sum { data_points { as_int -1, time 2^64-1, flags 1 }, temporality 1, monotonic } */
	CHECK(says(SIGNAL_METRICS,
	           S("\x0a\x01m\x3a\x1a\x0a\x14\x19\xff\xff\xff\xff\xff\xff\xff\xff\x31\xff\xff\xff\xff\xff\xff\xff\xff\x40"
	             "\x01\x10\x01\x18\x01"),
	           "{\"name\":\"m\",\"sum\":{\"dataPoints\":[{\"timeUnixNano\":\"18446744073709551615\",\"asInt\":\"-1\","
	           "\"flags\":1}],"
	           "\"aggregationTemporality\":1,\"isMonotonic\":true}}"));
	/* ExponentialHistogram: scale -2, positive { offset -1, bucket_counts 1, 300 } */
	CHECK(says(SIGNAL_METRICS, S("\x52\x0d\x0a\x0b\x30\x03\x42\x07\x08\x01\x12\x03\x01\xac\x02"),
	           "{\"exponentialHistogram\":{\"dataPoints\":[{\"scale\":-2,\"positive\":{\"offset\":-1,\"bucketCounts\":["
	           "\"1\",\"300\"]}}]}}"));
	/* Gauge { as_double inf }, { as_double nan } */
	CHECK(says(SIGNAL_METRICS,
	           S("\x2a\x16\x0a\x09\x21\x00\x00\x00\x00\x00\x00\xf0\x7f\x0a\x09\x21\x00\x00\x00\x00\x00\x00\xf8\x7f"),
	           "{\"gauge\":{\"dataPoints\":[{\"asDouble\":\"Infinity\"},{\"asDouble\":\"NaN\"}]}}"));
}

TEST(values_are_named_by_their_type)
{
	CHECK(says(SIGNAL_LOGS, S("\x2a\x02\x0a\x00"), "{\"body\":{\"stringValue\":\"\"}}"));
	CHECK(says(SIGNAL_LOGS, S("\x2a\x0b\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	           "{\"body\":{\"intValue\":\"-1\"}}"));
	CHECK(says(SIGNAL_LOGS, S("\x2a\x04\x3a\x02\xff\x00"), "{\"body\":{\"bytesValue\":\"/wA=\"}}"));
	CHECK(says(SIGNAL_LOGS, S("\x2a\x06\x2a\x04\x0a\x02\x10\x01"),
	           "{\"body\":{\"arrayValue\":{\"values\":[{\"boolValue\":true}]}}}"));
	CHECK(says(SIGNAL_LOGS, S("\x2a\x00"), "{\"body\":{}}"));
}

TEST(an_array_is_one_wherever_its_elements_stand_and_the_last_of_one_kind_counts)
{
	/* attributes a, a body, attributes b; the body again; a value with two members */
	CHECK(says(SIGNAL_LOGS,
	           S("\x32\x03\x0a\x01"
	             "a"
	             "\x2a\x02\x0a\x00\x32\x03\x0a\x01"
	             "b"
	             "\x2a\x04\x10\x01\x0a\x00"),
	           "{\"attributes\":[{\"key\":\"a\"},{\"key\":\"b\"}],\"body\":{\"stringValue\":\"\"}}"));
}

TEST(unknown_fields_and_types_are_left_out)
{
	CHECK(says(SIGNAL_LOGS,
	           S("\x10\x09\x78\x05\x15\x01\x02\x03\x04\x62\x01"
	             "e"),
	           "{\"severityNumber\":9,\"eventName\":\"e\"}"));
}

TEST(a_value_may_be_nested_deeper_than_it_is_written)
{
	static char deep[3000], out[65536];
	struct text t = { .p = out, .cap = sizeof out };
	size_t n = 0;

	for (int level = 0; level < 700; level++) { /* ArrayValue { AnyValue { ... } }, inside out */
		char head[12], *p = wire_length(head, level % 2 ? 5 : 1, n);
		size_t head_n = (size_t)(p - head);

		memmove(deep + head_n, deep, n);
		memcpy(deep, head, head_n);
		n += head_n;
	}
	otlp_json_plain(&t, (str){ deep, n });
	CHECK(!t.full && lambda_json_valid((str){ out, t.n }));
}
