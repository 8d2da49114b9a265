// SPDX-License-Identifier: MIT
#include "serve_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum choice {
	BOOTSTRAP = 256, HANDLER, NAME, PORT, HOST, ENVIRONMENTS, TIMEOUT, MEMORY, ENV, WATCH, BUILD, NO_OTLP, OTLP_PORT,
	OTLP_FAULT, FREEZE, HELP,
};

static const struct option options[] = {
	{ "bootstrap", required_argument, NULL, BOOTSTRAP }, { "handler", required_argument, NULL, HANDLER },
	{ "name", required_argument, NULL, NAME },           { "port", required_argument, NULL, PORT },
	{ "host", required_argument, NULL, HOST },           { "environments", required_argument, NULL, ENVIRONMENTS },
	{ "timeout", required_argument, NULL, TIMEOUT },     { "memory", required_argument, NULL, MEMORY },
	{ "env", required_argument, NULL, ENV },             { "watch", required_argument, NULL, WATCH },
	{ "build", required_argument, NULL, BUILD },         { "no-otlp", no_argument, NULL, NO_OTLP },
	{ "otlp-port", required_argument, NULL, OTLP_PORT }, { "otlp-fault", required_argument, NULL, OTLP_FAULT },
	{ "freeze", no_argument, NULL, FREEZE },             { "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"emulator serve --bootstrap FILE [OPTION...]: a function behind Lambda's Invoke API and a function URL, until Ctrl-C\n"
	"  --handler NAME      _HANDLER (the bootstrap's folder)     --name NAME        of the function (the handler)\n"
	"  --port N            of both (9000; 0: any)                --host ADDRESS     to listen on (127.0.0.1)\n"
	"  --environments N    at once, at most (10)                 --timeout SECONDS  of an invocation (30)\n"
	"  --memory MB         (128)                                 --env NAME=VALUE   for the function; NAME alone removes it\n"
	"  --watch FOLDER      may be repeated                       --build COMMAND    run when something in there changes\n"
	"  --no-otlp           no receiver: traces come on stdout    --otlp-port N      of the receiver (any)\n"
	"  --otlp-fault RULE   the receiver misbehaves               --freeze           SIGSTOP between invocations, as Lambda does\n";

static bool number(const char *name, const char *text, unsigned long least, unsigned long most, unsigned long *out)
{
	char *end;

	*out = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && *out >= least && *out <= most)
		return true;
	fprintf(stderr, "emulator serve: --%s %s: not a number from %lu to %lu\n", name, text, least, most);
	return false;
}

static bool one(struct serve_options *o, int option, const char *value)
{
	unsigned long n = 0;
	char why[160];

	switch (option) {
	case BOOTSTRAP:
		o->bootstrap = value;
		return true;
	case HANDLER:
		o->config.handler = value;
		return true;
	case NAME:
		o->config.name = value;
		return true;
	case PORT:
		return number("port", value, 0, 65535, &n) && (o->port = (uint16_t)n, true);
	case HOST:
		o->host = value;
		return true;
	case ENVIRONMENTS:
		return number("environments", value, 1, 1000, &n) && (o->config.max_environments = (unsigned)n, true);
	case TIMEOUT:
		return number("timeout", value, 1, 900, &n) && (o->config.timeout_ms = (unsigned)n * 1000, true);
	case MEMORY:
		return number("memory", value, 128, 32768, &n) && (o->config.memory_mb = (unsigned)n, true);
	case ENV:
		if (o->n_variables < VARIABLES_MAX) {
			o->variables[o->n_variables++] = (char *)(uintptr_t)value;
			return true;
		}
		fprintf(stderr, "emulator serve: more than %d times --env\n", VARIABLES_MAX);
		return false;
	case WATCH:
		if (o->n_folders < FOLDERS_MAX) {
			o->folders[o->n_folders++] = value;
			return true;
		}
		fprintf(stderr, "emulator serve: more than %d times --watch\n", FOLDERS_MAX);
		return false;
	case BUILD:
		o->command = value;
		return true;
	case NO_OTLP:
		return o->no_otlp = true;
	case OTLP_PORT:
		return number("otlp-port", value, 0, 65535, &n) && (o->otlp_port = (uint16_t)n, true);
	case OTLP_FAULT:
		if (otlp_fault_parse(&o->otlp_faults, value, why))
			return true;
		fprintf(stderr, "emulator serve: %s\n", why);
		return false;
	case FREEZE:
		o->config.freeze = FREEZE_IDLE;
		return true;
	case HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		fputs(usage, stderr);
		return false;
	}
}

// build/x86_64/hello/bootstrap is the function hello.
static void name_folder(struct serve_options *o)
{
	const char *slash = strrchr(o->bootstrap, '/'), *start = slash;

	while (start && start > o->bootstrap && start[-1] != '/')
		start--;
	if (slash && slash > start)
		snprintf(o->folder, sizeof o->folder, "%.*s", (int)(slash - start), start);
	else
		snprintf(o->folder, sizeof o->folder, "function");
}

bool serve_options_read(struct serve_options *o, int argc, char **argv)
{
	int option;

	*o = (struct serve_options){ .host = "127.0.0.1", .port = 9000, .config.max_environments = 10 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!one(o, option, optarg))
			return false;
	if (optind < argc || !o->bootstrap || (!o->command != !o->n_folders)) {
		fprintf(stderr, "emulator serve: %s\n",
			optind < argc ? "there are words that are no options" :
			!o->bootstrap ? "--bootstrap is missing" : "--watch and --build go together");
		fputs(usage, stderr);
		return false;
	}
	name_folder(o);
	if (!o->config.handler)
		o->config.handler = o->folder;
	if (!o->config.name)
		o->config.name = o->config.handler;
	o->config.env = o->variables;
	return true;
}
