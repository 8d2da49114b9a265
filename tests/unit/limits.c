// SPDX-License-Identifier: MIT
#include "test.h"
#include "trace.h"

TEST(limits_are_what_the_variables_say)
{
	const struct otel_attr attrs[] = { otel_attr_int("a", 1), otel_attr_int("b", 2), otel_attr_int("c", 3) };
	const char *const set[] = { "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=2", "OTEL_SPAN_EVENT_COUNT_LIMIT=2",
		                        "OTEL_SPAN_LINK_COUNT_LIMIT=1",      "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT=1",
		                        "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT=2", NULL };
	struct otel_span *s;
	str span;

	telemetry_start(set);
	telemetry_begin("{}", NULL);
	s = otel_start("s");
	for (int i = 0; i < 3; i++) {
		otel_put_int(s, attrs[i].key, 1, i);
		otel_add_event(s, "e", attrs, 3);
		otel_add_link(s, &remote, attrs, 3);
	}
	otel_set_int(s, "a", 9); /* one that is there may change */
	otel_exception(s, "T", "m", 1);
	otel_end(s);
	telemetry_end();
	span = named("s");
	CHECK(pb_count(span, ATTRIBUTES) == 2 && number(span, DROPPED_ATTRIBUTES) == 2); /* c, and error.type */
	CHECK(number(pb_attribute(span, ATTRIBUTES, "a"), 3) == 9);
	CHECK(pb_count(span, EVENTS) == 2 && number(span, DROPPED_EVENTS) == 2);
	CHECK(pb_count(span, LINKS) == 1 && number(span, DROPPED_LINKS) == 2);
	CHECK(pb_count(pb_bytes(span, EVENTS), 3) == 1 && number(pb_bytes(span, EVENTS), 4) == 2);
	CHECK(pb_count(pb_bytes(span, LINKS), 4) == 2 && number(pb_bytes(span, LINKS), 5) == 1);
}

TEST(a_limit_of_0_keeps_none)
{
	const char *const set[] = { "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=0", "OTEL_SPAN_EVENT_COUNT_LIMIT=0",
		                        "OTEL_SPAN_LINK_COUNT_LIMIT=0", NULL };
	struct otel_span *s;

	telemetry_start(set);
	telemetry_begin("{}", NULL);
	s = otel_start("s");
	otel_set_int(s, "a", 1);
	otel_add_event(s, "e", NULL, 0);
	otel_exception(s, "", "m", 1);
	otel_add_link(s, &remote, NULL, 0);
	otel_end(s);
	telemetry_end();
	CHECK(!pb_count(named("s"), ATTRIBUTES) && !pb_count(named("s"), EVENTS) && !pb_count(named("s"), LINKS));
	CHECK(number(named("s"), DROPPED_ATTRIBUTES) == 1 && number(named("s"), DROPPED_EVENTS) == 2 &&
	      number(named("s"), DROPPED_LINKS) == 1);
}

TEST(values_are_cut_by_characters_wherever_they_are)
{
	const struct otel_value texts[] = { otel_value_str("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 12),
		                                otel_value_str("ab", 2) };
	const struct otel_attr pairs[] = { otel_attr_str("a long key", "\xff\xff\xff\xff", 4),
		                               otel_attr_array("list", texts, 2) };
	struct otel_span *s;
	str span, list;

	fresh_with("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=99", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT=3");
	s = otel_start("a name is no value");
	otel_set_str(s, "euro", "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 12);
	otel_set_str(s, "three", "abc", 3);
	otel_set_bytes(s, "bytes", "\x01\x02\x03\x04", 4);
	otel_set_pairs(s, "pairs", pairs, 2);
	otel_add_event(s, "e", pairs, 1);
	otel_exception(s, "Type", "message", 7);
	otel_end(s);
	telemetry_end();
	span = named("a name is no value");
	CHECK(str_eq(pb_text_attribute(span, ATTRIBUTES, "euro"), S("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac")));
	CHECK(str_eq(pb_text_attribute(span, ATTRIBUTES, "three"), S("abc")));
	CHECK(str_eq(pb_bytes(pb_attribute(span, ATTRIBUTES, "bytes"), 7), S("\x01\x02\x03")));
	list = pb_bytes(pb_attribute(span, ATTRIBUTES, "pairs"), 6);
	CHECK(str_eq(pb_text_attribute(list, 1, "a long key"), S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")));
	list = pb_bytes(pb_attribute(list, 1, "list"), 5);
	CHECK(str_eq(pb_bytes(pb_field(list, 1, 0).bytes, 1), S("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac")));
	CHECK(str_eq(pb_text_attribute(pb_field(span, EVENTS, 1).bytes, 3, "exception.message"), S("mes")));
	CHECK(str_eq(pb_bytes(pb_bytes(span, STATUS), 2), S("message")));
	CHECK(str_eq(pb_text_attribute(span, ATTRIBUTES, "error.type"), S("Typ")));
}

TEST(a_wrong_limit_costs_one_warning_and_is_ignored)
{
	struct captured c = capture(STDERR_FILENO);
	str said;

	telemetry_start((const char *const[]){ "OTEL_SPAN_EVENT_COUNT_LIMIT=-1", "OTEL_ATTRIBUTE_COUNT_LIMIT=many", NULL });
	for (int i = 0; i < 2; i++) {
		telemetry_begin("{}", NULL);
		for (int k = 0; k < 130; k++)
			otel_add_event(otel_invocation(), "e", NULL, 0);
		telemetry_end();
		CHECK(number(telemetry_span(i), DROPPED_EVENTS) == 2);
	}
	said = capture_end(&c);
	CHECK(lines(said) == 2 && strstr(said.p, "OTEL_SPAN_EVENT_COUNT_LIMIT=-1"));
}
