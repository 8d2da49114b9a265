// SPDX-License-Identifier: MIT
#include "report.h"

#include "invocation.h"
#include "lambda_json.h"

#include "test.h"

#include <string.h>

#define ROOM 131072

static char room[ROOM];

static void write_report(struct report *r, str type, str message, str directory)
{
	struct arena a = { room, room + sizeof room };

	report_write(r, &a, type, message, directory);
}

/* The string at path, decoded, is expected. */
static bool says(str json, const char *path, str expected)
{
	lambda_str value;

	return lambda_json_find(json, path, &value) && lambda_json_is(value, expected);
}

static bool is_visible_ascii(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

TEST(a_type_passes_when_the_platform_would_keep_it)
{
	static const char *const good[] = { "Runtime.Ab",        "Function.Zz",
		                                "Runtime.ExitError", "Function.ResponseSizeTooLarge",
		                                "Runtime.AA",        "Function.RuntimeXx" };
	static const char *const bad[] = { "",
		                               "Runtime",
		                               "Runtime.",
		                               "Runtime.A",
		                               "Runtime.a",
		                               "Runtime.ab",
		                               "Runtime.A1",
		                               "Runtime.Ab1",
		                               "Runtime.Ab ",
		                               " Runtime.Ab",
		                               "runtime.Ab",
		                               "RUNTIME.AB",
		                               "Function",
		                               "Function.",
		                               "Function.A",
		                               "Function.a",
		                               "Function.Ab.Cd",
		                               "Function.Ab_",
		                               "Functions.Ab",
		                               "Function.\xc3\x84",
		                               "Handler.Ab",
		                               "NameTooLong",
		                               "Error",
		                               "Runtime.Ab\n",
		                               "Runtime.Ab\r\nX: y",
		                               "Function.A[",
		                               "Function.A`",
		                               "Function.A@",
		                               "Function.A{",
		                               "Runtime..Ab",
		                               "RuntimeX.Ab",
		                               "Runtime.Function.Ab" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK(report_type_passes((str){ test_guarded(good[i], strlen(good[i])), strlen(good[i]) }));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!report_type_passes((str){ test_guarded(bad[i], strlen(bad[i])), strlen(bad[i]) }));
	CHECK(!report_type_passes(S("Runtime.Ab\0")) && !report_type_passes((str){ 0 }));
}

TEST(a_report_is_a_body_and_two_headers)
{
	struct report r;

	write_report(&r, S("NameTooLong"), S("65 bytes, \"at most\" 64\n"), S("/var/task"));
	CHECK(str_eq(
		r.body,
		S("{\"errorMessage\":\"65 bytes, \\\"at most\\\" 64\\n\",\"errorType\":\"NameTooLong\",\"stackTrace\":[]}")));
	CHECK(str_eq(r.type, S("Function.HandlerError")));
	CHECK(lambda_json_valid(r.cause) && is_visible_ascii(r.cause));
	CHECK(says(r.cause, "working_directory", S("/var/task")));
	CHECK(says(r.cause, "exceptions[0].type", S("NameTooLong")));
	CHECK(says(r.cause, "exceptions[0].message", S("65 bytes, \"at most\" 64\n")));
	write_report(&r, S("Runtime.InitError"), S("x"), S(""));
	CHECK(str_eq(r.type, S("Runtime.InitError")) && says(r.body, "errorType", S("Runtime.InitError")));
	write_report(&r, (str){ 0 }, (str){ 0 }, (str){ 0 });
	CHECK(str_eq(r.type, S("Function.HandlerError")) && lambda_json_valid(r.body) && lambda_json_valid(r.cause));
	CHECK(says(r.body, "errorMessage", S("")) && says(r.cause, "working_directory", S("")));
}

TEST(the_cause_is_visible_ascii_whatever_the_message_is)
{
	struct report r;

	/* Every character of two bytes, and a sample of the longer ones with all the edges. */
	for (uint32_t c = 0; c < 0x110000; c += c < 0x1000 || (c & 0xfff) < 3 || (c & 0xfff) > 0xffc ? 1 : 61) {
		char text[8] = "<";
		size_t n = 1;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		if (c < 0x80) {
			text[n++] = (char)c;
		} else if (c < 0x800) {
			text[n++] = (char)(0xc0 | c >> 6);
			text[n++] = (char)(0x80 | (c & 63));
		} else if (c < 0x10000) {
			text[n++] = (char)(0xe0 | c >> 12);
			text[n++] = (char)(0x80 | (c >> 6 & 63));
			text[n++] = (char)(0x80 | (c & 63));
		} else {
			text[n++] = (char)(0xf0 | c >> 18);
			text[n++] = (char)(0x80 | (c >> 12 & 63));
			text[n++] = (char)(0x80 | (c >> 6 & 63));
			text[n++] = (char)(0x80 | (c & 63));
		}
		text[n++] = '>';
		write_report(&r, S("T"), (str){ text, n }, S("/"));
		CHECK(is_visible_ascii(r.cause) && says(r.cause, "exceptions[0].message", (str){ text, n }));
		CHECK(says(r.body, "errorMessage", (str){ text, n }));
	}
	write_report(&r, S("T"), S("\xf0\x9f\x98\x80 \x7f \xc3\xa4"), S("/"));
	str value;
	CHECK(lambda_json_find(r.cause, "exceptions[0].message", &value) &&
	      str_eq(value, S("\"\\ud83d\\ude00 \\u007f \\u00e4\"")));
}

TEST(bytes_that_are_no_text_become_replacement_characters)
{
	static const char *const bad[] = { "\x80",         "\xff",         "\xc3",     "\xe2\x82",
		                               "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80",
		                               "a\xfe!" };
	struct report r;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		str s = str_of(bad[i]), value;

		write_report(&r, s, s, s);
		CHECK(lambda_json_valid(r.body) && lambda_json_valid(r.cause) && is_visible_ascii(r.cause));
		CHECK(lambda_json_find(r.body, "errorMessage", &value));
		CHECK(lambda_json_find(r.cause, "exceptions[0].message", &value) && memmem(value.p, value.n, "\\ufffd", 6));
		CHECK(str_eq(r.type, S("Function.HandlerError")));
	}
}

TEST(the_largest_failure_has_a_whole_body_and_its_cause_fits_a_header)
{
	static const char *const fills[] = { "x", "\"", "\x01", "\xff", "\xc3\xa4", "\xf0\x9f\x98\x80", "\\" };
	static char message[ERROR_MESSAGE_MAX], type[ERROR_TYPE_MAX], directory[4096];
	struct report r;

	for (size_t k = 0; k < sizeof fills / sizeof *fills; k++) {
		size_t n = strlen(fills[k]);

		for (size_t i = 0; i < sizeof message; i++)
			message[i] = fills[k][i % n];
		for (size_t i = 0; i < sizeof type; i++)
			type[i] = fills[k][i % n];
		for (size_t i = 0; i < sizeof directory; i++)
			directory[i] = fills[k][i % n];
		for (size_t length = sizeof message - 4; length <= sizeof message; length++) {
			write_report(&r, (str){ type, sizeof type }, (str){ message, length }, S("/var/task"));
			CHECK(lambda_json_valid(r.body) && r.body.n >= length);
			CHECK(r.cause.n && lambda_json_valid(r.cause) && is_visible_ascii(r.cause) && r.cause.n <= 8192);
			write_report(&r, S("T"), (str){ message, length }, (str){ directory, sizeof directory });
			CHECK(lambda_json_valid(r.body));
			CHECK(!r.cause.n || (lambda_json_valid(r.cause) && is_visible_ascii(r.cause)));
		}
	}
}

TEST(every_length_of_message_makes_a_whole_cause)
{
	static char message[1200];
	struct report r;

	for (size_t i = 0; i < sizeof message; i++)
		message[i] = "\xf0\x9f\x98\x80"[i % 4];
	for (size_t n = 0; n < sizeof message; n++) {
		write_report(&r, S("T"), (str){ message, n }, S("/"));
		CHECK(r.cause.n && lambda_json_valid(r.cause) && is_visible_ascii(r.cause));
	}
}

TEST(without_room_there_is_no_report_and_no_overrun)
{
	static char message[4096];
	struct report r;

	memset(message, 1, sizeof message);
	for (size_t n = 0; n < 60000; n += 977) {
		struct arena a = { test_guarded(room, n), NULL };

		a.end = a.next + n;
		report_write(&r, &a, S("T"), (str){ message, sizeof message }, S("/"));
		CHECK(!r.body.n || lambda_json_valid(r.body));
		CHECK(!r.cause.n || lambda_json_valid(r.cause));
		CHECK(n < 50000 || (r.body.n && r.cause.n));
	}
}
