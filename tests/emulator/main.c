// SPDX-License-Identifier: MIT
// emulator: a strict local Lambda, for tests and for people.
#include "fault.h"
#include "otlp_fault.h"
#include "run.h"
#include "serve.h"

#include <stdio.h>
#include <string.h>

static int help_main(int argc, char **argv);

static const struct {
	const char *name, *what;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "run", "start a function, hand it events, show answers, logs, traces and times", run_main },
	{ "serve", "keep it behind the Invoke API and a function URL, rebuilt when its sources change", serve_main },
	{ "show", "draw the traces of OTLP requests and logs that were kept", show_main },
	{ "help", "help run | serve | faults | otlp-faults", help_main },
};

static void list_commands(FILE *to)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(to, "emulator %-6s %s\n", commands[i].name, commands[i].what);
}

static int help_main(int argc, char **argv)
{
	const char *about = argc > 1 ? argv[1] : "";

	if (!strcmp(about, "run"))
		run_help(stdout);
	else if (!strcmp(about, "serve"))
		serve_help(stdout);
	else if (!strcmp(about, "faults"))
		fault_help(stdout);
	else if (!strcmp(about, "otlp-faults"))
		otlp_fault_help(stdout);
	else
		list_commands(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	list_commands(stderr);
	return 2;
}
