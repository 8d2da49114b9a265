// SPDX-License-Identifier: MIT
#include "options.h"

#include <stdlib.h>
#include <string.h>

const char *option_value(int argc, char **argv, int *i)
{
	if (*i + 1 < argc)
		return argv[++*i];
	fprintf(stderr, "emulator: %s needs a value\n", argv[*i]);
	return NULL;
}

bool option_number(const char *name, const char *value, unsigned max, unsigned *out)
{
	char *end;
	unsigned long v = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || v > max) {
		fprintf(stderr, "emulator: %s %s: a number up to %u is wanted\n", name, value, max);
		return false;
	}
	*out = (unsigned)v;
	return true;
}

static void add_env(struct options *o, const char *value)
{
	o->env = must_grow(o->env, o->env_count + 2, sizeof *o->env);
	o->env[o->env_count++] = must_copy(value, strlen(value));
	o->env[o->env_count] = NULL;
	o->config.env = o->env;
}

static bool take_flag(struct options *o, const char *name)
{
	if (!strcmp(name, "--no-otlp"))
		return o->no_otlp = true;
	if (!strcmp(name, "--xray"))
		return o->xray = true;
	if (!strcmp(name, "--bare-env"))
		return o->config.bare_env = true;
	if (!strcmp(name, "--no-invocation-id"))
		return o->config.no_invocation_id = true;
	if (!strcmp(name, "--freeze")) {
		o->config.freeze = FREEZE_IDLE;
		return true;
	}
	return false;
}

static const char **text_option(struct function_config *c, const char *name)
{
	const struct {
		const char *name, **to;
	} texts[] = {
		{ "--bootstrap", &c->bootstrap }, { "--handler", &c->handler }, { "--cwd", &c->cwd },
		{ "--name", &c->name },           { "--version", &c->version }, { "--region", &c->region },
		{ "--account", &c->account },     { "--api", &c->api },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(name, texts[i].name))
			return texts[i].to;
	return NULL;
}

static unsigned *number_option(struct function_config *c, const char *name)
{
	if (!strcmp(name, "--memory"))
		return &c->memory_mb;
	if (!strcmp(name, "--timeout-ms"))
		return &c->timeout_ms;
	if (!strcmp(name, "--init-timeout-ms"))
		return &c->init_timeout_ms;
	if (!strcmp(name, "--environments"))
		return &c->max_environments;
	return NULL;
}

static bool take_fault(struct options *o, const char *name, const char *value)
{
	char why[160];
	bool ok;

	if (!strcmp(name, "--otlp-fault"))
		ok = otlp_fault_parse(&o->otlp_faults, value, why);
	else if (!strcmp(name, "--fault"))
		ok = fault_parse(&o->faults, value, why);
	else
		ok = fault_parse_file(&o->faults, value, why);
	o->config.faults = &o->faults;
	if (!ok)
		fprintf(stderr, "emulator: %s; `emulator help faults` explains\n", why);
	return ok;
}

enum option_result options_take(struct options *o, int argc, char **argv, int *i)
{
	const char *name = argv[*i], *value, **text = text_option(&o->config, name);
	unsigned *number = number_option(&o->config, name);

	if (!strcmp(name, "--")) {
		o->config.args = argv + *i + 1;
		*i = argc;
		return OPTION_TAKEN;
	}
	if (take_flag(o, name))
		return OPTION_TAKEN;
	bool fault = !strcmp(name, "--fault") || !strcmp(name, "--faults") || !strcmp(name, "--otlp-fault");
	if (!text && !number && !fault && strcmp(name, "--env"))
		return OPTION_OTHER;
	if (!(value = option_value(argc, argv, i)))
		return OPTION_BAD;
	if (fault)
		return take_fault(o, name, value) ? OPTION_TAKEN : OPTION_BAD;
	if (number)
		return option_number(name, value, 86400000, number) ? OPTION_TAKEN : OPTION_BAD;
	if (text)
		*text = value;
	else
		add_env(o, value);
	return OPTION_TAKEN;
}

void options_help(FILE *to)
{
	fputs(
		"  --bootstrap PATH      the executable (needed)       --handler NAME       _HANDLER (bootstrap)\n"
		"  --env K=V, --env K    set, or remove, a variable    --bare-env           nothing but "
		"AWS_LAMBDA_RUNTIME_API\n"
		"  --cwd DIR             (the bootstrap's folder)      --memory MB          (128)\n"
		"  --name, --version, --region, --account TEXT         of the function\n"
		"  --timeout-ms T        of one invocation (30000)     --init-timeout-ms T  (10000)\n"
		"  --api ADDRESS         AWS_LAMBDA_RUNTIME_API, %p is the port: 127.0.0.1:%p (usual), http://[::1]:%p/.rt/fn\n"
		"  --no-invocation-id    as before July 2026           --freeze             SIGSTOP between invocations\n"
		"  --environments N      processes at most (1)         -- ARGS...           arguments of the bootstrap\n"
		"  --no-otlp             do not set OTEL_EXPORTER_OTLP_ENDPOINT to the receiver in here\n"
		"  --xray                active tracing: an X-Ray daemon in here, and AWS_XRAY_DAEMON_ADDRESS\n"
		"  --fault RULE, --faults FILE   misbehave; `emulator help faults`\n"
		"  --otlp-fault RULE             the receiver misbehaves; `emulator help otlp-faults`\n",
		to);
}

void options_free(struct options *o)
{
	for (size_t i = 0; i < o->env_count; i++)
		free(o->env[i]);
	free(o->env);
	fault_plan_free(&o->faults);
}
