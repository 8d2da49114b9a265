// SPDX-License-Identifier: MIT
#include "test.h"
#include "otlp.h"
#include "telemetry.h"

#include "list.h"
#include "semconv/resource.h"

#include <stdio.h>

enum { ATTRIBUTES = 1, DROPPED = 2 };

static struct resource made;
static char room[RESOURCE_BYTES_MAX], scratch[200000];

static struct lambda_hook_sandbox sandbox = {
	.function_name = { "greeter", 7 },
	.function_version = { "7", 1 },
	.log_group = { "/aws/lambda/greeter", 19 },
	.log_stream = { "stream", 6 },
	.memory_mb = 128,
};

/* The Resource message in an environment of these variables. */
static str encode(const struct lambda_hook_sandbox *box, const char *service, char **environment)
{
	char **saved = environ;

	environ = environment;
	CHECK(resource_encode(&made, box, str_of(service), box->function_name, room, scratch, sizeof scratch) <=
	      sizeof room);
	environ = saved;
	CHECK(pb_valid(made.resource) && pb_valid(made.scope) && pb_valid(made.scope_url) && pb_valid(made.url));
	return pb_bytes(made.resource, 1);
}

static str resource_of(const char *service, const char *attributes)
{
	static char list[200000];

	snprintf(list, sizeof list, "OTEL_RESOURCE_ATTRIBUTES=%s", attributes ? attributes : "");
	return encode(&sandbox, service, (char *[]){ "AWS_REGION=eu-central-1", list, NULL });
}

static bool says(str resource, const char *key, const char *value)
{
	return str_eq(pb_text_attribute(resource, ATTRIBUTES, key), str_of(value));
}

static str one_of(str resource, const char *key)
{
	return pb_bytes(pb_bytes(pb_bytes(pb_attribute(resource, ATTRIBUTES, key), 5), 1), 1);
}

TEST(the_resource_describes_the_sandbox)
{
	str r = resource_of(NULL, NULL);

	CHECK(says(r, "service.name", "greeter"));
	CHECK(says(r, "telemetry.sdk.name", "mote") && says(r, "telemetry.sdk.language", "c"));
	CHECK(pb_text_attribute(r, ATTRIBUTES, "telemetry.sdk.version").n > 0);
	CHECK(says(r, "cloud.provider", "aws") && says(r, "cloud.platform", "aws_lambda") &&
	      says(r, "cloud.region", "eu-central-1"));
	CHECK(says(r, "faas.name", "greeter") && says(r, "faas.version", "7") && says(r, "faas.instance", "stream"));
	CHECK(pb_field(pb_attribute(r, ATTRIBUTES, "faas.max_memory"), 3, 0).value == 134217728);
	CHECK(str_eq(one_of(r, "aws.log.group.names"), S("/aws/lambda/greeter")));
	CHECK(str_eq(one_of(r, "aws.log.stream.names"), S("stream")));
	CHECK(pb_count(r, ATTRIBUTES) == 13 && !pb_field(r, DROPPED, 0).number);
	CHECK(str_eq(pb_bytes(pb_bytes(made.scope, 1), 1), S("mote")));
	CHECK(str_eq(pb_bytes(made.scope_url, 3), S("https://opentelemetry.io/schemas/1.44.0")));
	CHECK(str_eq(pb_bytes(made.url, 3), S("https://opentelemetry.io/schemas/1.44.0")));
}

TEST(a_sandbox_that_says_nothing_makes_a_resource_all_the_same)
{
	struct lambda_hook_sandbox nothing = { .memory_mb = INT64_MAX };
	str r = encode(&nothing, NULL, (char *[]){ NULL });

	CHECK(pb_valid(r) && str_starts(pb_text_attribute(r, ATTRIBUTES, "service.name"), S("unknown_service:")));
	CHECK(pb_count(r, ATTRIBUTES) == 6);
}

TEST(otel_service_name_wins_over_resource_attributes_over_the_function)
{
	CHECK(says(resource_of("a", "service.name=b"), "service.name", "a"));
	CHECK(says(resource_of(NULL, "service.name=b"), "service.name", "b"));
	CHECK(pb_count(resource_of("a", "service.name=b,service.name=c"), ATTRIBUTES) == 13);
	CHECK(says(resource_of(NULL, "service.name=b,service.name=c"), "service.name", "c"));
}

TEST(resource_attributes_are_percent_decoded_and_win_over_what_is_detected)
{
	str r = resource_of(
		NULL, " a.b = c%2Cd%3D%20e , deployment.environment.name=prod,cloud.region=moon-1,x=y=z,empty=,x=last");

	CHECK(says(r, "a.b", "c,d= e") && says(r, "deployment.environment.name", "prod"));
	CHECK(says(r, "cloud.region", "moon-1") && says(r, "x", "last"));
	CHECK(pb_field(pb_attribute(r, ATTRIBUTES, "empty"), 1, 0).number == 1);
	CHECK(pb_count(r, ATTRIBUTES) == 13 + 4);
}

TEST(any_error_discards_all_resource_attributes_with_one_warning)
{
	const char *bad[] = { "a=b,c",     "=b",        "a=b,=c", "a=%",         "a=%4",
		                  "a=%zz,b=c", "a=b,c=%ff", "a=\xff", "a=b,c=d,%=e", " = " };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct captured c = capture(STDERR_FILENO);
		str r = resource_of(NULL, bad[i]), said = capture_end(&c);

		CHECK(pb_count(r, ATTRIBUTES) == 13);
		CHECK(lines(said) == 1 && strstr(said.p, "OTEL_RESOURCE_ATTRIBUTES"));
	}
}

TEST(too_many_or_too_large_resource_attributes_do_no_harm)
{
	static char text[100000];
	size_t n = 0;
	str r;

	for (int i = 0; i < 128; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "key%03d=%0700d,", i, i);
	struct captured c = capture(STDERR_FILENO);

	r = resource_of(NULL, text); /* more than fits */
	CHECK(pb_valid(r) && pb_field(r, DROPPED, 0).value > 10 && says(r, "service.name", "greeter"));
	CHECK(made.resource.n > RESOURCE_BYTES_MAX - 1000);
	snprintf(text + n, sizeof text - n, "one=more");
	CHECK(pb_count(resource_of(NULL, text), ATTRIBUTES) == 13);
	memset(text, 'a', sizeof text - 1);
	CHECK(pb_count(resource_of(NULL, text), ATTRIBUTES) == 13);
	text[1] = '=';
	r = resource_of(NULL, text);
	CHECK(pb_count(r, ATTRIBUTES) == 13 && pb_field(r, DROPPED, 0).value == 1);
	CHECK(lines(capture_end(&c)) == 2);
}

TEST(lists_are_read_to_their_end_and_not_further)
{
	const char text[] = " k1 = v1 ,,\tk%32=%41%zz,k3=";
	struct list_pair pairs[4];
	char decoded[sizeof text];
	size_t count;

	for (size_t n = 0; n < sizeof text; n++) {
		str part = { test_guarded(text, n), n };

		if (list_parse(part, decoded, pairs, 4, &count))
			for (size_t i = 0; i < count; i++)
				CHECK(pairs[i].key.n > 0);
	}
	CHECK(list_parse(S("a=1,b=2,c=3,d=4,"), decoded, pairs, 4, &count) && count == 4);
	CHECK(!list_parse(S("a=1,b=2,c=3,d=4,e=5"), decoded, pairs, 4, &count));
	CHECK(list_parse((str){ 0 }, decoded, pairs, 4, &count) && count == 0);
	CHECK(list_parse(S("k%32=%41"), decoded, pairs, 4, &count) && count == 1);
	CHECK(str_eq(pairs[0].key, S("k2")) && str_eq(pairs[0].value, S("A")));
}
