// SPDX-License-Identifier: MIT
#include "conf.h"
#include "hooks.h"
#include "lambda.h"

#include "peer.h"

#include <fcntl.h>

/*
 * The whole loop in a process of its own, against a peer that follows a script. lambda_run() never ends well: each script ends with what makes it
 * give up.
 */
#define PATH "/2018-06-01/runtime/"
#define NEXT CALL("GET " PATH "invocation/next", "")
#define RESPONSE(id, text) CALL("POST " PATH "invocation/" id "/response ", text)
#define ERROR(id, text) CALL("POST " PATH "invocation/" id "/error ", text)
#define REPLY(status, fields, length, body) \
	SEND("HTTP/1.1 " status "\r\n" fields "Content-Length: " length "\r\n\r\n" body)
#define EVENT(id, length, body) REPLY("200 OK", "Lambda-Runtime-Aws-Request-Id: " id "\r\n", length, body)
#define ACCEPTED REPLY("202 Accepted", "", "0", "")
#define REFUSED(status) REPLY(status, "", "0", "")

static int cold, warm;

static int echo(struct lambda_call *call)
{
	call->cold_start ? cold++ : warm++;
	lambda_borrow(call, call->event.p, call->event.n);
	return 0;
}

/* What happens is the event's wish. */
static int obey(struct lambda_call *call)
{
	static char large[1 << 20];

	if (call->event.n < 1)
		return 0;
	switch (call->event.p[0]) {
	case 'o': lambda_log(LAMBDA_WARN, "said by the handler"); return 0;
	case 'f': return lambda_fail(call, "NameTooLong", "%d bytes", 65);
	case 'r': return lambda_fail(call, "Runtime.Mine", "mine");
	case 's': return 7; /* without a word */
	case 'q': lambda_fail(call, "Quiet", "failed, and returned 0"); return 0;
	case 'b': lambda_borrow(call, call->event.p, LAMBDA_PAYLOAD_MAX + 1); return 0;
	case 'c': lambda_content_type(call, "text/plain\r\nX: y"); return 0;
	case 't':
		lambda_content_type(call, "text/plain");
		lambda_puts(call, "text");
		return 0;
	case 'e': lambda_puts(call, getenv("_X_AMZN_TRACE_ID") ? getenv("_X_AMZN_TRACE_ID") : "unset"); return 0;
	case 'd':
		lambda_printf(call, "%s",
		              lambda_remaining_ms(call) == INT64_MAX ? "none"
		              : lambda_remaining_ms(call) < 0        ? "past"
		                                                     : "ahead");
		return 0;
	case 'l':
		for (int i = 0; i < 7; i++)
			lambda_write(call, large, sizeof large);
		return 0;
	case 'm':
		for (int i = 0; i < 6; i++)
			lambda_write(call, large, sizeof large);
		lambda_write(call, large, LAMBDA_PAYLOAD_MAX - 6 * sizeof large);
		return 0;
	}
	lambda_printf(call, "<%.*s>", (int)call->event.n, call->event.p);
	return 0;
}

static int init_fails(struct lambda_call *call)
{
	return lambda_fail(call, "Runtime.NoTable", "table \"%s\" is missing", "t");
}

static int init_fails_silently(struct lambda_call *call)
{
	return call->event.n ? 0 : -1;
}

static const struct lambda_function one[] = { { "obey", obey }, { NULL, NULL } },
									two[] = { { "obey", obey }, { "echo", echo }, { NULL, NULL } };
static const struct lambda_app app = { .functions = one };

static char logs[65536]; /* what the last run() wrote to standard output, as far as a pipe holds it */

/* The exit status of a bootstrap with this environment beside AWS_LAMBDA_RUNTIME_API; its standard error in said. */
static int run(const struct lambda_app *a, const char *api, char *handler, char *argument, char said[4096])
{
	int ends[2] = { -1, -1 }, out[2] = { -1, -1 }, status = -1;
	size_t n = 0;
	ssize_t got;
	pid_t child;

	fflush(stdout);
	CHECK(!pipe(ends) && !pipe2(out, O_NONBLOCK));
	child = fork();
	if (!child) {
		char variable[256], *v[] = { handler, "LAMBDA_TASK_ROOT=/var/task", api ? variable : NULL, NULL },
							*args[] = { "bootstrap", argument, NULL };

		alarm(60);
		snprintf(variable, sizeof variable, "AWS_LAMBDA_RUNTIME_API=%s", api ? api : "");
		environ = v;
		dup2(out[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		_exit(lambda_run(a, argument ? 2 : 1, args) * 10 + (cold == 1) * 2 + (warm > 0));
	}
	close(ends[1]);
	while (n < 4095 && (got = read(ends[0], said + n, 4095 - n)) > 0)
		n += (size_t)got;
	said[n] = 0;
	close(ends[0]);
	waitpid(child, &status, 0);
	got = read(out[0], logs, sizeof logs - 1);
	logs[got > 0 ? got : 0] = 0;
	close(out[0]);
	close(out[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int run_against(const struct act *acts, const struct lambda_app *a, char *handler, char *argument,
                       char said[4096])
{
	struct peer p = peer_start(AF_INET, acts);
	char host[64];
	int status;

	peer_host(&p.addr, host);
	status = run(a, host, handler, argument, said);
	CHECK(peer_end(&p) == 0);
	return status;
}

static bool gives_up(const struct act *acts, const char *why)
{
	char said[4096];

	return run_against(acts, &app, "_HANDLER=obey", NULL, said) == 10 && strstr(said, why) &&
	       strchr(said, '\n') == said + strlen(said) - 1;
}

/* What ends a script. */
#define LAST_WORDS NEXT, REFUSED("403 Forbidden"), NEXT, REFUSED("403 Forbidden"), END_OF_STREAM

TEST(events_are_answered_until_the_platform_refuses_twice)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "\r\n\r\n<x>"), ACCEPTED,
	                                        NEXT, EVENT("2", "0", ""),
	                                        RESPONSE("2", "Content-Type: application/json\r\nContent-Length: 0\r\n"),
	                                        REFUSED("200 OK"), NEXT, EVENT("3", "1", "t"),
	                                        RESPONSE("3", "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\ntext"),
	                                        ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

TEST(two_refusals_that_are_not_in_a_row_are_forgiven)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, REFUSED("403 Forbidden"), NEXT, EVENT("1", "1", "x"),
	                                        RESPONSE("1", "<x>"), ACCEPTED, NEXT, REFUSED("400 Bad"), NEXT,
	                                        EVENT("2", "1", "y"), RESPONSE("2", "<y>"), ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "2 times in a row"));
}

TEST(no_content_is_asked_again)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, SEND("HTTP/1.1 204 No Content\r\n\r\n"), NEXT,
	                                        REFUSED("204 No Content"), NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"),
	                                        ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

TEST(a_server_error_ends_the_process_wherever_it_comes)
{
	static const struct act at_next[] = SCRIPT(ACCEPT, NEXT, REFUSED("500 Oh"), END_OF_STREAM);
	static const struct act at_response[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"),
	                                               REFUSED("503 Oh"), END_OF_STREAM);
	static const struct act at_error[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "f"), ERROR("1", "NameTooLong"),
	                                            REFUSED("500 Oh"), END_OF_STREAM);

	CHECK(gives_up(at_next, "status 500") && gives_up(at_response, "status 503") && gives_up(at_error, "status 500"));
}

TEST(a_refused_answer_is_followed_by_next_and_by_nothing_else)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"),
	                                        REFUSED("413 Too Large"), NEXT, EVENT("2", "1", "x"), RESPONSE("2", "<x>"),
	                                        REFUSED("400 Bad"), NEXT, EVENT("3", "1", "x"), RESPONSE("3", "<x>"),
	                                        REFUSED("403 Forbidden"), NEXT, EVENT("4", "1", "f"),
	                                        ERROR("4", "NameTooLong"), REFUSED("410 Gone"), NEXT, EVENT("5", "1", "x"),
	                                        RESPONSE("5", "<x>"), ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

TEST(an_event_that_comes_again_after_its_answer_was_refused_is_tried_once_more)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"),
	                                        REFUSED("400 Bad"), NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"),
	                                        ACCEPTED, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"),
	                                        REFUSED("400 Bad"), NEXT, EVENT("2", "1", "x"), RESPONSE("2", "<x>"),
	                                        REFUSED("400 Bad"), NEXT, EVENT("2", "1", "x"), RESPONSE("2", "<x>"),
	                                        REFUSED("400 Bad"), NEXT, EVENT("2", "1", "x"), END_OF_STREAM);
	CHECK(gives_up(acts, "came again"));
}

TEST(an_event_without_an_id_is_passed_over_once)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, REPLY("200 OK", "", "1", "x"), NEXT, EVENT("1", "1", "x"),
	                                        RESPONSE("1", "<x>"), ACCEPTED, NEXT,
	                                        REPLY("200 OK", "Lambda-Runtime-Aws-Request-Id: \r\n", "1", "x"), NEXT,
	                                        REPLY("200 OK", "", "1", "x"), END_OF_STREAM);
	CHECK(gives_up(acts, "request id"));
}

TEST(a_failure_is_posted_with_its_type_where_the_platform_reads_it)
{
	static const struct act acts[] = SCRIPT(
		ACCEPT, NEXT, EVENT("1", "1", "f"),
		ERROR("1", "\r\n\r\n{\"errorMessage\":\"65 bytes\",\"errorType\":\"NameTooLong\",\"stackTrace\":[]}"), ACCEPTED,
		NEXT, EVENT("2", "1", "f"), ERROR("2", "\r\nLambda-Runtime-Function-Error-Type: Function.HandlerError\r\n"),
		ACCEPTED, NEXT, EVENT("3", "1", "f"),
		ERROR(
			"3",
			"\r\nLambda-Runtime-Function-XRay-Error-Cause: "
			"{\"working_directory\":\"/var/task\",\"exceptions\":[{\"message\":\"65 bytes\",\"type\":\"NameTooLong\""),
		ACCEPTED, NEXT, EVENT("4", "1", "r"), ERROR("4", "\r\nLambda-Runtime-Function-Error-Type: Runtime.Mine\r\n"),
		ACCEPTED, NEXT, EVENT("5", "1", "s"), ERROR("5", "\"errorType\":\"Function.HandlerError\""), ACCEPTED, NEXT,
		EVENT("6", "1", "q"), ERROR("6", "\"errorType\":\"Quiet\""), ACCEPTED, NEXT, EVENT("7", "1", "l"),
		ERROR("7", "\r\nLambda-Runtime-Function-Error-Type: Function.ResponseSizeTooLarge\r\n"), ACCEPTED, NEXT,
		EVENT("8", "1", "b"), ERROR("8", "\"errorType\":\"Function.ResponseSizeTooLarge\""), ACCEPTED, NEXT,
		EVENT("9", "1", "c"), ERROR("9", "\"errorType\":\"Runtime.InvalidContentType\""), ACCEPTED, NEXT,
		EVENT("10", "1", "x"), RESPONSE("10", "<x>"), ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

TEST(what_is_logged_in_an_invocation_carries_its_request_id)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT("first-1", "1", "o"), RESPONSE("first-1", ""), ACCEPTED,
	                                        NEXT, EVENT("second-2", "1", "f"), ERROR("second-2", "NameTooLong"),
	                                        REFUSED("410 Gone"), LAST_WORDS);
	CHECK(gives_up(acts, "[FATAL]\t") && strstr(logs, "Z\tfirst-1\tsaid by the handler\n"));
	CHECK(strstr(logs, "Z\tsecond-2\tNameTooLong: 65 bytes\n") &&
	      strstr(logs, "Z\tsecond-2\truntime api: error: status 410"));
	CHECK(strstr(logs, "Z\t-\truntime api: next:"));
}

TEST(an_event_that_is_too_large_fails_alone)
{
	static const struct act acts[] = SCRIPT(
		ACCEPT, NEXT, SEND("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: 6291557\r\n\r\nx"),
		ACCEPT, ERROR("1", "Runtime.EventTooLarge"), ACCEPTED, NEXT, EVENT("2", "1", "x"), RESPONSE("2", "<x>"),
		ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

TEST(event_and_reply_may_both_be_full)
{
	static const struct act acts[] = SCRIPT(
		ACCEPT, NEXT, SEND("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: 6291556\r\n\r\n"),
		FLOOD("mmmm", 1572889), RESPONSE("1", "\r\nContent-Length: 6291556\r\n"), ACCEPTED, LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

#define EVENT_WITH(field, body) REPLY("200 OK", "Lambda-Runtime-Aws-Request-Id: 1\r\n" field "\r\n", "1", body)

TEST(trace_variable_and_deadline_are_those_of_the_event)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT_WITH("Lambda-Runtime-Trace-Id: Root=1", "e"),
	                                        RESPONSE("1", "\r\n\r\nRoot=1"), ACCEPTED, NEXT,
	                                        EVENT_WITH("lambda-runtime-trace-id:", "e"), RESPONSE("1", "\r\n\r\nunset"),
	                                        ACCEPTED, NEXT, EVENT_WITH("Lambda-Runtime-Deadline-Ms: 600000", "d"),
	                                        RESPONSE("1", "past"), ACCEPTED, NEXT,
	                                        EVENT_WITH("Lambda-Runtime-Deadline-Ms: 8999999999999", "d"),
	                                        RESPONSE("1", "ahead"), ACCEPTED, NEXT,
	                                        EVENT_WITH("Lambda-Runtime-Deadline-Ms: soon", "d"), RESPONSE("1", "none"),
	                                        ACCEPTED, NEXT, EVENT_WITH("Lambda-Runtime-Invocation-Id: a;b", "x"),
	                                        RESPONSE("1", "\r\nLambda-Runtime-Invocation-Id: a;b\r\n"), ACCEPTED,
	                                        LAST_WORDS);
	CHECK(gives_up(acts, "status 403"));
}

TEST(a_platform_that_is_gone_ends_the_process)
{
	static const struct act acts[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"), DEAF);
	CHECK(gives_up(acts, "cannot connect"));
}

static bool picks(const struct lambda_function *functions, char *handler, char *argument, const char *answer)
{
	const struct act found[] = SCRIPT(ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", answer), ACCEPTED, NEXT,
	                                  EVENT("2", "0", ""), RESPONSE("2", ""), ACCEPTED, LAST_WORDS);
	const struct act missing[] = SCRIPT(ACCEPT,
	                                    CALL("POST " PATH "init/error",
	                                         "\r\nLambda-Runtime-Function-Error-Type: Runtime.HandlerNotFound\r\n"),
	                                    ACCEPTED, END_OF_STREAM);
	struct lambda_app a = { .functions = functions };
	char said[4096];
	int status = run_against(answer ? found : missing, &a, handler, argument, said);

	/* echo also counts the one cold start and the warm one behind it */
	return answer ? status == (answer[0] == '<' ? 10 : 13)
	              : status == 10 && strstr(said, "no function is named") && strstr(said, "obey");
}

TEST(a_function_is_picked_by_name_then_by_argument)
{
	CHECK(picks(one, "_HANDLER=obey", NULL, "<x>"));
	CHECK(picks(one, "_HANDLER=bootstrap", NULL, "<x>") && picks(one, "_HANDLER=", NULL, "<x>") &&
	      picks(one, "X=", NULL, "<x>"));
	CHECK(picks(one, "X=", "obey", "<x>") && picks(one, "X=", "bootstrap", "<x>") &&
	      picks(one, "_HANDLER=obey", "no", "<x>"));
	CHECK(picks(one, "_HANDLER=other", NULL, NULL) && picks(one, "X=", "other", NULL) &&
	      picks(one, "_HANDLER=Obey", NULL, NULL));
	CHECK(picks(two, "_HANDLER=echo", NULL, "\r\n\r\nx") && picks(two, "_HANDLER=", "echo", "\r\n\r\nx") &&
	      picks(two, "_HANDLER=obey", "echo", "<x>"));
	CHECK(picks(two, "_HANDLER=bootstrap", NULL, NULL) && picks(two, "_HANDLER=", NULL, NULL) &&
	      picks(two, "X=", NULL, NULL));
}

TEST(an_init_that_fails_is_posted_before_anything_else)
{
	static const struct act loud[] =
		SCRIPT(ACCEPT,
	           CALL("POST " PATH "init/error",
	                "\r\n\r\n{\"errorMessage\":\"table \\\"t\\\" is missing\",\"errorType\":\"Runtime.NoTable\""),
	           ACCEPTED, END_OF_STREAM);
	static const struct act silent[] = SCRIPT(ACCEPT,
	                                          CALL("POST " PATH "init/error",
	                                               "\r\nLambda-Runtime-Function-Error-Type: Runtime.InitError\r\n"),
	                                          REFUSED("500 Oh"), END_OF_STREAM);
	struct lambda_app a = { .functions = one, .init = init_fails };
	char said[4096];

	CHECK(run_against(loud, &a, "_HANDLER=obey", NULL, said) == 10 && strstr(said, "table \"t\" is missing"));
	a.init = init_fails_silently;
	CHECK(run_against(silent, &a, "_HANDLER=obey", NULL, said) == 10 && strstr(said, "init failed"));
}

TEST(outside_lambda_one_line_says_what_to_do)
{
	static const char *const unusable[] = { "", "https://127.0.0.1:1", "127.0.0.1:port", "no-such-host.invalid:1" };
	char said[4096];

	CHECK(run(&app, NULL, "_HANDLER=obey", NULL, said) == 10 && strstr(said, "make run") &&
	      strchr(said, '\n') == said + strlen(said) - 1);
	for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
		CHECK(run(&app, unusable[i], "_HANDLER=obey", NULL, said) == 10 && strstr(said, "AWS_LAMBDA_RUNTIME_API"));
		CHECK(strchr(said, '\n') == said + strlen(said) - 1);
	}
}

/* ---- who watches ---- */

static char seen[512];

static void saw(const char *what, lambda_str detail)
{
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof seen - n, "%s(%.*s) ", what, (int)detail.n, detail.p);
}

static void saw_init(const struct lambda_hook_sandbox *sandbox)
{
	saw("init", sandbox->function_name);
}

static void saw_begin(const struct lambda_hook_event *event)
{
	saw(event->cold_start ? "cold" : "begin", event->request_id);
}

static void saw_end(const struct lambda_hook_result *result)
{
	saw(result->failed ? "failed" : "end", result->failed ? result->error_type : result->body);
}

static void saw_answered(void)
{
	saw("answered", (lambda_str){ 0 });
}

static void saw_flush(int64_t deadline)
{
	saw(deadline == INT64_MAX ? "flush" : "flush by", (lambda_str){ 0 });
}

static int tell(struct lambda_call *call)
{
	if (call->event.p[0] == '?')
		lambda_puts(call, seen);
	else
		return obey(call);
	return 0;
}

TEST(hooks_see_each_invocation_in_order)
{
	static const struct lambda_hooks hooks = {
		.init = saw_init, .begin = saw_begin, .end = saw_end, .answered = saw_answered, .flush = saw_flush
	};
	static const struct lambda_function functions[] = { { "tell", tell }, { NULL, NULL } };
	static const struct act acts[] = SCRIPT(
		ACCEPT, NEXT, EVENT("1", "1", "x"), RESPONSE("1", "<x>"), ACCEPTED, NEXT, EVENT("2", "1", "f"),
		ERROR("2", "NameTooLong"), REFUSED("410 Gone"), NEXT,
		REPLY("200 OK", "Lambda-Runtime-Aws-Request-Id: 3\r\nLambda-Runtime-Deadline-Ms: 8999999999999\r\n", "1", "y"),
		RESPONSE("3", "<y>"), ACCEPTED, NEXT,
		REPLY("200 OK", "Lambda-Runtime-Aws-Request-Id: 4\r\nLambda-Runtime-Deadline-Ms: 600000\r\n", "1", "z"),
		RESPONSE("4", "<z>"), ACCEPTED, NEXT, EVENT("5", "1", "?"),
		RESPONSE("5",
	             "\r\n\r\ninit() cold(1) end(<x>) answered() flush() begin(2) failed(NameTooLong) answered() flush() "
	             "begin(3) end(<y>) answered() flush by() begin(4) end(<z>) answered() flush() begin(5) "),
		ACCEPTED, LAST_WORDS);
	struct lambda_app a = { .functions = functions, .hooks = &hooks };
	char said[4096];

	CHECK(run_against(acts, &a, "_HANDLER=tell", NULL, said) == 10);
}
