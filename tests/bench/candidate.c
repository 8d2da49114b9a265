// SPDX-License-Identifier: MIT
#include "candidate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 64
#define SESSION_TOKEN_BYTES 800 /* a real one */

/* As many and as long as on Lambda: every process pays for copying and searching them. Log lines of the functions themselves are off
 * everywhere: the floor writes none. */
static const char *const platform[] = {
	"_HANDLER=bootstrap",
	"AWS_LAMBDA_FUNCTION_NAME=bench",
	"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
	"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/bench",
	"AWS_LAMBDA_LOG_STREAM_NAME=2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
	"AWS_LAMBDA_LOG_FORMAT=Text",
	"AWS_LAMBDA_LOG_LEVEL=WARN",
	"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
	"AWS_REGION=eu-central-1",
	"AWS_DEFAULT_REGION=eu-central-1",
	"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
	"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	"AWS_XRAY_DAEMON_ADDRESS=169.254.79.129:2000",
	"_AWS_XRAY_DAEMON_ADDRESS=169.254.79.129",
	"_AWS_XRAY_DAEMON_PORT=2000",
	"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
	"LAMBDA_TASK_ROOT=/var/task",
	"LAMBDA_RUNTIME_DIR=/var/runtime",
	"LANG=en_US.UTF-8",
	"TZ=:UTC",
	"PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	"LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
};

#define PLATFORM_COUNT (sizeof platform / sizeof *platform)

/* The next line that is no comment, without what surrounds it; empty at an empty line and at the end. */
static char *next_line(const char **text)
{
	const char *line, *end;

	do {
		line = *text;
		end = line + strcspn(line, "\n");
		*text = *end ? end + 1 : end;
	} while (*line == '#');
	while (end > line && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	return must_copy(line, (size_t)(end - line));
}

static const char *replace(struct buf *to, const char *p, const struct replacement *with)
{
	for (; with->from; with++) {
		size_t n = strlen(with->from);

		if (strncmp(p, with->from, n))
			continue;
		if (!with->to)
			return NULL;
		buf_puts(to, with->to);
		return p + n;
	}
	buf_add(to, p, 1);
	return p + 1;
}

/* A word ends at a space outside quotes, of either kind. */
static char *next_word(const char **line, const struct replacement *with, const char **why)
{
	const char *p = *line + strspn(*line, " ");
	struct buf word = { 0 };
	bool any = *p;
	char quote = 0;

	for (; *p && (quote || *p != ' ');) {
		bool is_quote = quote ? *p == quote : *p == '\'' || *p == '"';
		const char *next = is_quote ? p + 1 : replace(&word, p, with);

		if (is_quote)
			quote = quote ? 0 : *p;
		if (!next) {
			*why = must_print("this machine has nothing for %.*s", (int)strcspn(p, "}") + 1, p);
			next = p + 1;
		}
		p = next;
	}
	*line = p;
	return any ? word.p ? word.p : must_copy("", 0) : NULL;
}

static bool is_variable(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return n && word[n] == '=';
}

static unsigned bench_number(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) || word[n] != '=' ? 0 : (unsigned)strtoul(word + n + 1, NULL, 10);
}

/* True when another command follows behind a "&". */
static bool read_command(struct candidate *c, struct command *to, const char **line, const struct replacement *with,
                         const char **why)
{
	size_t env = 0, arg = 0;
	char *word;

	to->env = must_alloc(WORDS_MAX + 1, sizeof *to->env);
	to->argv = must_alloc(WORDS_MAX + 1, sizeof *to->argv);
	while ((word = next_word(line, with, why)) && strcmp(word, "&")) {
		if (!arg && !strncmp(word, "BENCH_", 6)) {
			c->spans += bench_number(word, "BENCH_SPANS");
			c->init_spans += bench_number(word, "BENCH_INIT_SPANS");
		} else if (env == WORDS_MAX || arg == WORDS_MAX) {
			*why = "its start command has too many words";
		} else if (!arg && is_variable(word)) {
			to->env[env++] = word;
		} else {
			to->argv[arg++] = word;
		}
	}
	if (!arg)
		*why = "its start command names no program";
	return word;
}

bool candidate_read(struct candidate *c, const char **text, const struct replacement *with, const char **why)
{
	const char *line;
	bool more;

	*c = (struct candidate){ 0 };
	*why = NULL;
	do {
		if (!**text)
			return false;
		c->name = next_line(text);
	} while (!*c->name);
	c->build = next_line(text);
	c->start = next_line(text);
	if (!*c->build || !*c->start) {
		*why = "a candidate is three lines: name, build command (or -), start command";
		return true;
	}
	line = c->start;
	more = read_command(c, &c->bootstrap, &line, with, why);
	while (more && !*why) {
		if (c->extension_count == EXTENSIONS_MAX) {
			*why = "it has too many extensions";
			break;
		}
		more = read_command(c, &c->extensions[c->extension_count++], &line, with, why);
	}
	return true;
}

/* As a shell does it: what has no slash is on PATH. */
static char *find(const char *program, const char *top)
{
	const char *path = getenv("PATH");

	if (*program == '/')
		return must_print("%s", program);
	if (strchr(program, '/'))
		return must_print("%s/%s", top, program);
	while (path && *path) {
		size_t n = strcspn(path, ":");
		char *full = must_print("%.*s/%s", (int)n, path, program);

		if (!access(full, X_OK))
			return full;
		free(full);
		path += n + (path[n] == ':');
	}
	return NULL;
}

const char *candidate_find(struct candidate *c, const char *top)
{
	for (size_t i = 0; i <= c->extension_count; i++) {
		struct command *to = i ? &c->extensions[i - 1] : &c->bootstrap;
		char *found = find(*to->argv, top);

		if (!found)
			return must_print("%s: no such program on PATH; what is in the repository is named by its path", *to->argv);
		*to->argv = found;
	}
	return NULL;
}

/* A later value of a variable takes the place of an earlier one. */
static void put(char **env, size_t *n, char *variable)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < *n; i++) {
		if (!strncmp(env[i], variable, name)) {
			free(env[i]);
			env[i] = variable;
			return;
		}
	}
	env[(*n)++] = variable;
}

char **candidate_env(const struct command *c, const char *runtime_api, unsigned memory_mb)
{
	char **env = must_alloc(PLATFORM_COUNT + WORDS_MAX + 4, sizeof *env), token[SESSION_TOKEN_BYTES + 1];
	size_t n = 0;

	memset(token, 'x', SESSION_TOKEN_BYTES);
	token[SESSION_TOKEN_BYTES] = 0;
	env[n++] = must_print("AWS_LAMBDA_RUNTIME_API=%s", runtime_api);
	env[n++] = must_print("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%u", memory_mb);
	env[n++] = must_print("AWS_SESSION_TOKEN=%s", token);
	for (size_t i = 0; i < PLATFORM_COUNT; i++)
		env[n++] = must_copy(platform[i], strlen(platform[i]));
	for (char **e = c->env; *e; e++)
		put(env, &n, must_copy(*e, strlen(*e)));
	return env;
}

void candidate_env_free(char **env)
{
	for (char **e = env; *e; e++)
		free(*e);
	free(env);
}
