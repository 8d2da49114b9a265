// SPDX-License-Identifier: MIT
#include "serve_options.h"

#include <string.h>

#include "serve.h"

static bool take_own(struct serve_options *o, int argc, char **argv, int *i)
{
	const char *name = argv[*i], *value = option_value(argc, argv, i);

	if (!value)
		return false;
	if (!strcmp(name, "--port"))
		return option_number(name, value, 65535, &o->port);
	if (!strcmp(name, "--otlp-port"))
		return option_number(name, value, 65535, &o->otlp_port);
	if (!strcmp(name, "--host")) {
		o->host = value;
	} else if (!strcmp(name, "--build")) {
		o->command = value;
	} else if (!strcmp(name, "--watch") && o->n_folders < FOLDERS_MAX) {
		o->folders[o->n_folders++] = value;
	} else {
		fprintf(stderr, "emulator serve: %s is not an option, or too many; `emulator help serve` lists them\n", name);
		return false;
	}
	return true;
}

bool serve_options_read(struct serve_options *o, int argc, char **argv)
{
	struct function_config *config = &o->common.config;
	const char *missing = NULL;

	*o = (struct serve_options){ .host = "127.0.0.1", .port = 9000, .common.config.max_environments = 10 };
	for (int i = 1; i < argc; i++) {
		switch (options_take(&o->common, argc, argv, &i)) {
		case OPTION_TAKEN: break;
		case OPTION_BAD:   return false;
		case OPTION_OTHER:
			if (!take_own(o, argc, argv, &i))
				return false;
		}
	}
	if (!config->bootstrap)
		missing = "--bootstrap PATH says what to serve";
	else if (!o->command != !o->n_folders)
		missing = "--watch and --build go together";
	if (missing) {
		fprintf(stderr, "emulator serve: %s; `emulator help serve` lists the options\n", missing);
		return false;
	}
	if (!config->handler)
		config->handler = "bootstrap";
	if (!config->name)
		config->name = config->handler;
	return true;
}

void serve_help(FILE *to)
{
	fputs("emulator serve --bootstrap PATH [options] [-- ARGS...]\n"
	      "Keeps a function behind Lambda's Invoke API and a function URL until Ctrl-C. Its name is that of the "
	      "handler.\n\n"
	      "  --port N              of both (9000; 0: any)        --host ADDRESS       to listen on (127.0.0.1)\n"
	      "  --watch FOLDER        may be repeated               --build COMMAND      run when something in there "
	      "changes\n"
	      "  --otlp-port N         of the OTLP receiver (any)\n",
	      to);
	options_help(to);
}
