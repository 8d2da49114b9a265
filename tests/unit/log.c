// SPDX-License-Identifier: MIT
#include "log.h"

#include "hooks.h"
#include "lambda.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- standard output and error, replaced by a socket that keeps each write apart ---- */

static struct {
	int saved, ends[2];
	char record[LAMBDA_LOG_MAX + 64];
} tap;

static void tap_open(int fd)
{
	fflush(stdout);
	tap.saved = dup(fd);
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, tap.ends));
	dup2(tap.ends[1], fd);
}

/* The only record since tap_open(); absent when there was none, or more than one. */
static str tap_close(int fd)
{
	ssize_t n = recv(tap.ends[0], tap.record, sizeof tap.record, MSG_DONTWAIT), more;
	char c;

	more = recv(tap.ends[0], &c, 1, MSG_DONTWAIT);
	dup2(tap.saved, fd);
	close(tap.saved);
	close(tap.ends[0]);
	close(tap.ends[1]);
	return n > 0 && more < 0 ? (str){ tap.record, (size_t)n } : (str){ 0 };
}

static str logged(enum lambda_level level, const char *message)
{
	tap_open(STDOUT_FILENO);
	lambda_log(level, "%s", message);
	return tap_close(STDOUT_FILENO);
}

static void start(const char *format, const char *level)
{
	log_start(str_of(format), str_of(level), NULL);
	log_request((str){ 0 });
}

/* [LEVEL] \t time \t request \t message \n */
static bool is_text(str record, str level, str request, str message)
{
	str head, rest;

	if (!record.n || record.p[record.n - 1] != '\n' || memchr(record.p, '\n', record.n - 1))
		return false;
	record.n--;
	if (!str_cut(record, '\t', &head, &rest) || !str_eq(head, level))
		return false;
	if (!str_cut(rest, '\t', &head, &rest) || head.n != 24 || !str_starts(head, S("20")) || head.p[10] != 'T' ||
	    head.p[23] != 'Z')
		return false;
	return str_cut(rest, '\t', &head, &rest) && str_eq(head, request) && str_eq(rest, message);
}

static bool is_json(str record)
{
	return record.n > 1 && record.n <= LAMBDA_LOG_MAX && record.p[record.n - 1] == '\n' &&
	       !memchr(record.p, '\n', record.n - 1) && lambda_json_valid((str){ record.p, record.n - 1 });
}

static bool says(str record, const char *path, str expected)
{
	lambda_str value;

	return is_json(record) && lambda_json_find((str){ record.p, record.n - 1 }, path, &value) &&
	       lambda_json_is(value, expected);
}

TEST(a_text_record_is_level_time_request_message)
{
	start("Text", "TRACE");
	log_request(S("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
	CHECK(is_text(logged(LAMBDA_INFO, "hello"), S("[INFO]"), S("8476a536-e9f4-11e8-9739-2dfe598c3fcd"), S("hello")));
	CHECK(is_text(logged(LAMBDA_TRACE, ""), S("[TRACE]"), S("8476a536-e9f4-11e8-9739-2dfe598c3fcd"), S("")));
	log_request((str){ 0 });
	CHECK(is_text(logged(LAMBDA_FATAL, "tab\tbed"), S("[FATAL]"), S("-"), S("tab\tbed")));
}

TEST(a_json_record_is_an_object_on_one_line)
{
	str r;

	start("jSoN", "");
	log_request(S("id \"1\"\\\n"));
	r = logged(LAMBDA_WARN, "two\nlines, \"quotes\", \x01 and \xc3\xa4");
	CHECK(says(r, "level", S("WARN")) && says(r, "requestId", S("id \"1\"\\\n")));
	CHECK(says(r, "message", S("two\nlines, \"quotes\", \x01 and \xc3\xa4")));
	lambda_str stamp, none;
	CHECK(lambda_json_find(r, "timestamp", &stamp) && stamp.n == 26 && stamp.p[11] == 'T' && stamp.p[24] == 'Z');
	log_request((str){ 0 });
	r = logged(LAMBDA_ERROR, "not UTF-8: \xff");
	CHECK(says(r, "message", S("not UTF-8: \xef\xbf\xbd")) && !lambda_json_find(r, "requestId", &none));
	CHECK(!lambda_json_find(r, "trace_id", &none));
}

TEST(line_ends_in_a_text_record_are_folded_wherever_they_come_from)
{
	static const struct lambda_field field[] = { { "ke\ny", LAMBDA_FIELD_STR, { .string = { "va\nlue", 6 } } } };
	str r;

	start("", "");
	log_request(S("re\nquest"));
	r = logged(LAMBDA_INFO, "one\n[ERROR]\tforged\r\nend\n");
	CHECK(is_text(r, S("[INFO]"), S("re\rquest"), S("one\r[ERROR]\tforged\r\rend\r")));
	tap_open(STDOUT_FILENO);
	lambda_log_fields(LAMBDA_INFO, field, 1, "a%cb", '\n');
	r = tap_close(STDOUT_FILENO);
	CHECK(is_text(r, S("[INFO]"), S("re\rquest"), S("a\rb ke\ry=va\rlue")));
}

TEST(a_level_filters_in_any_case_and_an_unknown_one_is_info)
{
	static const char *const names[] = { "TRACE", "debug", "Info", "wARN", "ERROR", "fatal" };
	static const char *const unknown[] = { "", "WARNING", "inf", "INFO ", "5", "\xff" };

	for (int least = LAMBDA_TRACE; least <= LAMBDA_FATAL; least++)
		for (int level = LAMBDA_TRACE; level <= LAMBDA_FATAL; level++) {
			start("", names[least]);
			CHECK(!!logged((enum lambda_level)level, "x").n == (level >= least));
			CHECK(log_wants((enum log_level)level) == (level >= least));
			tap_open(STDOUT_FILENO);
			log_line((enum log_level)level, "x");
			CHECK(!!tap_close(STDOUT_FILENO).n == (level >= least));
			tap_open(STDOUT_FILENO);
			lambda_log_fields((enum lambda_level)level, NULL, 0, "x");
			CHECK(!!tap_close(STDOUT_FILENO).n == (level >= least));
		}
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		start("", "FATAL"); /* what came before does not count */
		start("", unknown[i]);
		CHECK(!logged(LAMBDA_DEBUG, "x").n && logged(LAMBDA_INFO, "x").n);
	}
}

TEST(a_level_that_is_none_is_not_logged)
{
	start("", "TRACE");
	CHECK(!logged((enum lambda_level)6, "x").n && !logged((enum lambda_level) - 1, "x").n &&
	      !logged((enum lambda_level)1000, "x").n);
}

TEST(the_last_words_go_to_standard_error_whatever_the_level)
{
	str r;

	for (int json = 0; json < 2; json++) {
		start(json ? "JSON" : "", "FATAL");
		log_request(S("1"));
		tap_open(STDERR_FILENO);
		log_fatal("no %s \"%s\"\n", "such", "thing");
		r = tap_close(STDERR_FILENO);
		CHECK(json ? says(r, "level", S("FATAL")) && says(r, "message", S("no such \"thing\"\n")) &&
		                 says(r, "requestId", S("1"))
		           : is_text(r, S("[FATAL]"), S("1"), S("no such \"thing\"\r")));
	}
}

static const struct lambda_field every[] = {
	{ "text", LAMBDA_FIELD_STR, { .string = { "a \"b\"", 5 } } },
	{ "empty", LAMBDA_FIELD_STR, { .string = { NULL, 0 } } },
	{ "int", LAMBDA_FIELD_INT, { .integer = INT64_MIN } },
	{ "double", LAMBDA_FIELD_DOUBLE, { .number = 0.1 } },
	{ "yes", LAMBDA_FIELD_BOOL, { .boolean = true } },
	{ "no", LAMBDA_FIELD_BOOL, { .boolean = false } },
	{ "inf", LAMBDA_FIELD_DOUBLE, { .number = HUGE_VAL } },
	{ "big", LAMBDA_FIELD_DOUBLE, { .number = -1.7976931348623157e308 } },
	{ "k\"ey", LAMBDA_FIELD_INT, { .integer = 7 } },
};

TEST(fields_of_every_type_are_members_or_key_and_value)
{
	bool b;
	int64_t i;
	double d;
	lambda_str v;
	str r;

	start("JSON", "");
	tap_open(STDOUT_FILENO);
	lambda_log_fields(LAMBDA_INFO, every, sizeof every / sizeof *every, "%d fields", 9);
	r = tap_close(STDOUT_FILENO);
	CHECK(says(r, "message", S("9 fields")) && says(r, "text", S("a \"b\"")) && says(r, "empty", S("")));
	CHECK(lambda_json_find(r, "int", &v) && lambda_json_int(v, &i) && i == INT64_MIN);
	CHECK(lambda_json_find(r, "double", &v) && lambda_json_double(v, &d) && d == 0.1);
	CHECK(lambda_json_find(r, "big", &v) && lambda_json_double(v, &d) && d == -1.7976931348623157e308);
	CHECK(lambda_json_find(r, "yes", &v) && lambda_json_bool(v, &b) && b);
	CHECK(lambda_json_find(r, "no", &v) && lambda_json_bool(v, &b) && !b);
	CHECK(lambda_json_find(r, "inf", &v) && str_eq(v, S("null")));
	CHECK(lambda_json_find(r, "\"k\\\"ey\"", &v) || memmem(r.p, r.n, "\"k\\\"ey\":7", 9));

	start("Text", "");
	tap_open(STDOUT_FILENO);
	lambda_log_fields(LAMBDA_INFO, every, 6, "%d fields", 6);
	r = tap_close(STDOUT_FILENO);
	CHECK(is_text(r, S("[INFO]"), S("-"),
	              S("6 fields text=a \"b\" empty= int=-9223372036854775808 double=0.1 yes=true no=false")));
	tap_open(STDOUT_FILENO);
	lambda_log_fields(LAMBDA_INFO, every, 0, "none");
	CHECK(is_text(tap_close(STDOUT_FILENO), S("[INFO]"), S("-"), S("none")));
}

static const char *const fills[] = { "x", "\"", "\n", "\x01", "\xff", "\xc3\xa4", "\xf0\x9f\x98\x80" };

/* All around where the record, escaped or not, reaches its limit. */
static bool is_interesting(size_t n)
{
	return n < 4 || n % 512 < 2 || (n > 1330 && n < 1370) || (n > 4000 && n < 4100) || (n > 8050 && n < 8200);
}

TEST(a_json_record_is_whole_at_every_length_of_its_message)
{
	static char message[9000];

	start("JSON", "");
	log_request(S("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
	for (size_t k = 0; k < sizeof fills / sizeof *fills; k++)
		for (size_t n = 0; n < sizeof message - 1; n++) {
			if (!is_interesting(n))
				continue;
			for (size_t i = 0; i < n; i++)
				message[i] = fills[k][i % strlen(fills[k])];
			message[n] = 0;
			str r = logged(LAMBDA_INFO, message);
			CHECK(is_json(r) && says(r, "level", S("INFO")) &&
			      says(r, "requestId", S("8476a536-e9f4-11e8-9739-2dfe598c3fcd")));
			lambda_str said;
			CHECK(lambda_json_find(r, "message", &said) &&
			      said.n > (n < 600 ? n : 600)); /* what is left is worth reading */
			CHECK(k || n > 8000 || says(r, "message", (str){ message, n }));
		}
}

TEST(a_text_record_is_cut_at_its_limit)
{
	static char message[9000];
	size_t head = sizeof "[INFO]\t2026-11-21T09:30:00.123Z\t-\t" - 1;

	start("", "");
	for (size_t n = 0; n < sizeof message - 1; n++) {
		if (!is_interesting(n))
			continue;
		memset(message, 'x', n);
		message[n] = 0;
		size_t kept = n < LAMBDA_LOG_MAX - head - 1 ? n : LAMBDA_LOG_MAX - head - 1;
		CHECK(is_text(logged(LAMBDA_INFO, message), S("[INFO]"), S("-"), (str){ message, kept }));
	}
}

TEST(fields_that_do_not_fit_are_left_out_whole)
{
	static char message[9000];
	static const struct lambda_field two[] = { { "first", LAMBDA_FIELD_STR, { .string = { "0123456789", 10 } } },
		                                       { "second", LAMBDA_FIELD_INT, { .integer = 5 } } };
	str r;

	for (int json = 0; json < 2; json++)
		for (size_t n = 7900; n < 8200; n++) {
			memset(message, 'x', n);
			message[n] = 0;
			start(json ? "JSON" : "", "");
			tap_open(STDOUT_FILENO);
			lambda_log_fields(LAMBDA_INFO, two, 2, "%s", message);
			r = tap_close(STDOUT_FILENO);
			if (json) {
				CHECK(n > LAMBDA_LOG_MAX - 1 - 68
				          ? is_json(r)
				          : says(r, "message", str_of(message))); /* fields go before any of the message */
				continue;
			}
			CHECK(r.n && r.p[r.n - 1] == '\n');
			const char *behind = memrchr(r.p, 'x', r.n); /* the last of the message */
			str rest = { behind + 1, (size_t)(r.p + r.n - 1 - behind - 1) };
			CHECK(str_eq(rest, S("")) || str_eq(rest, S(" first=0123456789")) ||
			      str_eq(rest, S(" first=0123456789 second=5")));
		}
}

TEST(a_request_id_of_any_size_leaves_room_for_the_message)
{
	static char id[65536];
	str r;

	for (size_t n = 1; n < sizeof id; n = n * 5 / 4 + 1)
		for (int json = 0; json < 2; json++) {
			memset(id, json ? '"' : 'i', sizeof id);
			start(json ? "JSON" : "", "");
			log_request((str){ id, n });
			r = logged(LAMBDA_INFO, "said");
			CHECK(json ? says(r, "message", S("said"))
			           : is_text(r, S("[INFO]"), n < 2048 ? (str){ id, n } : S("-"), S("said")));
		}
	log_request((str){ 0 });
}

static bool ids_known(char trace_id[32], char span_id[16])
{
	memcpy(trace_id, "5bef4de7ad49b0e87f6ef6c87fc2e700", 32);
	memcpy(span_id, "9a9197af755a6419", 16);
	return true;
}

static bool ids_unknown(char trace_id[32], char span_id[16])
{
	memset(trace_id, 'x', 32);
	memset(span_id, 'x', 16);
	return false;
}

TEST(ids_of_the_current_span_stand_in_a_json_record)
{
	static const struct lambda_hooks known = { .log_ids = ids_known }, unknown = { .log_ids = ids_unknown },
									 none = { 0 };
	lambda_str v;
	str r;

	log_start(S("JSON"), S(""), &known);
	r = logged(LAMBDA_INFO, "x");
	CHECK(says(r, "trace_id", S("5bef4de7ad49b0e87f6ef6c87fc2e700")) && says(r, "span_id", S("9a9197af755a6419")));
	log_start(S("JSON"), S(""), &unknown);
	r = logged(LAMBDA_INFO, "x");
	CHECK(is_json(r) && !lambda_json_find(r, "trace_id", &v) && !lambda_json_find(r, "span_id", &v));
	log_start(S("JSON"), S(""), &none);
	CHECK(is_json(logged(LAMBDA_INFO, "x")));
	start("", "");
}

static struct {
	int level, calls;
	char message[64];
	size_t fields;
	bool enough;
} watcher;

static bool watch(const struct lambda_hook_log *log)
{
	watcher.calls++;
	watcher.level = log->level;
	watcher.fields = log->field_count;
	snprintf(watcher.message, sizeof watcher.message, "%.*s", (int)log->message.n, log->message.p);
	return watcher.enough;
}

TEST(who_watches_is_told_before_a_record_is_written_and_may_do_with_that)
{
	static const struct lambda_hooks hooks = { .log = watch };
	const struct lambda_field field = { "k", LAMBDA_FIELD_INT, { .integer = 1 } };

	start("", "");
	log_start(S(""), S("INFO"), &hooks);
	watcher.enough = false;
	CHECK(is_text(logged(LAMBDA_WARN, "first"), S("[WARN]"), S("-"), S("first")));
	CHECK(watcher.calls == 1 && watcher.level == LAMBDA_WARN && !strcmp(watcher.message, "first") && !watcher.fields);
	CHECK(!logged(LAMBDA_DEBUG, "not wanted").n && watcher.calls == 1);
	watcher.enough = true;
	CHECK(!logged(LAMBDA_ERROR, "second").n && watcher.calls == 2);
	tap_open(STDOUT_FILENO);
	lambda_log_fields(LAMBDA_INFO, &field, 1, "%s", "third");
	CHECK(!tap_close(STDOUT_FILENO).n && watcher.fields == 1);
	/* what mote itself has to say is not the function's log */
	tap_open(STDOUT_FILENO);
	log_line(LOG_WARN, "%s", "mote");
	CHECK(is_text(tap_close(STDOUT_FILENO), S("[WARN]"), S("-"), S("mote")) && watcher.calls == 3);
	start("", "");
}
