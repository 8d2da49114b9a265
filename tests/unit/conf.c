// SPDX-License-Identifier: MIT
#include "conf.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char **variables(char **v)
{
	char **was = environ;

	environ = v;
	return was;
}

TEST(the_environment_of_a_sandbox_is_read)
{
	char *v[] = { "PATH=/usr/bin",
		          "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001",
		          "_HANDLER=hello",
		          "LAMBDA_TASK_ROOT=/var/task",
		          "AWS_LAMBDA_FUNCTION_NAME=fn=1",
		          "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		          "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/fn",
		          "AWS_LAMBDA_LOG_STREAM_NAME=2026/11/21/[$LATEST]0",
		          "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		          "AWS_LAMBDA_LOG_FORMAT=JSON",
		          "AWS_LAMBDA_LOG_LEVEL=debug",
		          "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		          NULL },
		 **was = variables(v);
	struct conf c;

	conf_read(&c);
	environ = was;
	CHECK(str_eq(c.runtime_api, S("127.0.0.1:9001")) && str_eq(c.handler, S("hello")) &&
	      str_eq(c.task_root, S("/var/task")));
	CHECK(str_eq(c.function_name, S("fn=1")) && str_eq(c.function_version, S("$LATEST")));
	CHECK(str_eq(c.log_group, S("/aws/lambda/fn")) && str_eq(c.log_stream, S("2026/11/21/[$LATEST]0")));
	CHECK(str_eq(c.initialization_type, S("on-demand")) && str_eq(c.log_format, S("JSON")) &&
	      str_eq(c.log_level, S("debug")));
	CHECK(c.memory_mb == 128);
}

TEST(any_variable_may_be_missing_empty_or_odd)
{
	char *odd[] = { "",
		            "=",
		            "A",
		            "_",
		            "_HANDLER",
		            "_HANDLERS=x",
		            "_HANDLE=x",
		            "AWS_LAMBDA_FUNCTION_NAME",
		            "AWS_LAMBDA_RUNTIME_API=",
		            "aws_lambda_log_level=x",
		            "LAMBDA_TASK_ROOT =x",
		            NULL },
		 *none[] = { NULL }, **was = environ;
	char **const environments[] = { odd, none, NULL };

	for (size_t i = 0; i < 3; i++) {
		struct conf c, blank = { 0 };

		memset(&c, 0xee, sizeof c);
		variables(environments[i]);
		conf_read(&c);
		environ = was;
		c.runtime_api.p = NULL; /* empty is absent */
		CHECK(!c.runtime_api.n && !c.handler.n && !c.function_name.n && !c.task_root.n && !c.log_level.n);
		CHECK(memcmp(&c, &blank, sizeof c) == 0);
	}
}

TEST(a_variable_without_a_value_is_not_read_beyond_its_end)
{
	char *v[] = { test_guarded("_HANDLER", sizeof "_HANDLER"), NULL }, **was = variables(v);
	struct conf c;

	conf_read(&c);
	CHECK(!c.handler.n);
	v[0] = test_guarded("_HANDLER=", sizeof "_HANDLER=");
	conf_read(&c);
	CHECK(!c.handler.n);
	environ = was;
}

TEST(a_memory_size_that_is_no_number_is_unknown)
{
	static const struct {
		char *text;
		int64_t mb;
	} t[] = { { "=128", 128 }, { "=10240", 10240 },     { "=0", 0 },       { "=", 0 },
		      { "=-1", 0 },    { "=128MB", 0 },         { "= 128", 0 },    { "=1e3", 0 },
		      { "", 0 },       { "=1048576", 1048576 }, { "=1048577", 0 }, { "=99999999999999999999", 0 },
		      { "X=128", 0 } };

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char text[128], *v[] = { text, NULL }, **was;
		struct conf c;

		snprintf(text, sizeof text, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE%s", t[i].text);
		was = variables(v);
		conf_read(&c);
		environ = was;
		CHECK(c.memory_mb == t[i].mb);
	}
}

/* ---- the trace header: each test in a process of its own, since the environment is one thing for all ---- */

#define NAME "_X_AMZN_TRACE_ID"

static bool is_set_to(const char *value) /* NULL: not at all; else once */
{
	int n = 0;

	for (char **e = environ; e && *e; e++)
		n += !strncmp(*e, NAME "=", sizeof NAME);
	return value ? n == 1 && getenv(NAME) && !strcmp(getenv(NAME), value) : n == 0 && !getenv(NAME);
}

static bool holds_in_child(bool (*claim)(void))
{
	int status = 1;
	pid_t child;

	fflush(stdout);
	if (!(child = fork()))
		_exit(!claim());
	return waitpid(child, &status, 0) == child && status == 0;
}

static bool set_replace_unset(void)
{
	char *v[] = { "A=1", "B=2", "C", NULL };
	bool good;

	environ = v;
	conf_trace_header(S(""));
	good = is_set_to(NULL) && environ == v; /* nothing to do, and nothing done */
	conf_trace_header(S("Root=1"));
	good &= is_set_to("Root=1");
	conf_trace_header(S("Root=2;Lineage=a:1|b:2"));
	good &= is_set_to("Root=2;Lineage=a:1|b:2");
	conf_trace_header((str){ 0 });
	good &= is_set_to(NULL);
	conf_trace_header(S("Root=3"));
	good &= is_set_to("Root=3");
	return good && !strcmp(getenv("A"), "1") && !strcmp(getenv("B"), "2") && environ[2] == v[2];
}

TEST(the_trace_variable_is_set_replaced_and_unset_beside_the_others)
{
	CHECK(holds_in_child(set_replace_unset));
}

static bool inherited_then_absent(void)
{
	char *v[] = { NAME "=old", "A=1", NAME "=older", NULL };

	environ = v;
	conf_trace_header((str){ 0 });
	return is_set_to(NULL) && !strcmp(getenv("A"), "1");
}

static bool inherited_then_set(void)
{
	char *v[] = { "A=1", NAME "=old", "B=2", NAME "=older", NULL };

	environ = v;
	conf_trace_header(S("new"));
	return is_set_to("new") && !strcmp(getenv("A"), "1") && !strcmp(getenv("B"), "2");
}

TEST(an_inherited_trace_variable_is_gone_with_the_first_event)
{
	CHECK(holds_in_child(inherited_then_absent));
	CHECK(holds_in_child(inherited_then_set));
}

static bool handler_changes_the_environment(void)
{
	static char *v[] = { "A=1", "B=2", NULL };
	bool good = true;

	environ = v;
	for (int i = 0; i < 3; i++) {
		conf_trace_header(S("Root=1"));
		setenv("MINE", i ? "again" : "first", 1); /* the C library moves the block somewhere else */
		setenv("MORE", "m", 1);
		good &= is_set_to("Root=1");
		conf_trace_header(S("Root=2"));
		good &= is_set_to("Root=2") && !strcmp(getenv("MINE"), i ? "again" : "first");
		unsetenv(i ? "A" : "B"); /* and closes gaps */
		conf_trace_header(S("Root=3"));
		good &= is_set_to("Root=3");
		unsetenv(NAME);
		conf_trace_header(S("Root=4"));
		good &= is_set_to("Root=4");
		unsetenv("MORE");
		conf_trace_header((str){ 0 });
		good &= is_set_to(NULL) && !strcmp(getenv("MINE"), i ? "again" : "first") && !getenv("MORE");
		setenv(NAME, "forged", 1);
		conf_trace_header((str){ 0 });
		good &= is_set_to(NULL);
	}
	return good && !getenv("A") && !getenv("B");
}

TEST(a_handler_may_change_the_environment_in_between)
{
	CHECK(holds_in_child(handler_changes_the_environment));
}

static bool absurd_values(void)
{
	static char large[2000];
	char *v[] = { "A=1", NULL };
	bool good;

	environ = v;
	memset(large, 'x', sizeof large);
	conf_trace_header(S("Root=1"));
	conf_trace_header((str){ large, sizeof large });
	good = is_set_to(NULL);
	conf_trace_header(S("Root=1"));
	conf_trace_header(S("Root\0=1"));
	good &= is_set_to(NULL);
	conf_trace_header((str){ large, 1024 });
	return good && getenv(NAME) && strlen(getenv(NAME)) == 1024 && !strcmp(getenv("A"), "1");
}

TEST(a_trace_header_that_cannot_be_a_variable_unsets_it)
{
	CHECK(holds_in_child(absurd_values));
}

static char *many[2000];

static bool with_variables(size_t n)
{
	for (size_t i = 0; i < n; i++)
		many[i] = "A=1";
	many[n] = NULL;
	environ = many;
	conf_trace_header(S("Root=1"));
	for (size_t i = 0; i < n; i++)
		if (!environ[i])
			return false;
	return n <= 1024 ? is_set_to("Root=1") && !environ[n + 1] : environ == many && !environ[n];
}

static bool as_many_as_fit(void)
{
	return with_variables(1024);
}

static bool too_many(void)
{
	return with_variables(1025);
}

static bool none(void)
{
	environ = NULL;
	conf_trace_header(S("Root=1"));
	return is_set_to("Root=1") && !environ[1];
}

TEST(no_variable_is_lost_however_many_there_are)
{
	CHECK(holds_in_child(as_many_as_fit));
	CHECK(holds_in_child(too_many));
	CHECK(holds_in_child(none));
}
