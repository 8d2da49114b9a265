// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "environment.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct list {
	char **at;
	size_t n;
};

static size_t name_length(const char *s)
{
	return strcspn(s, "=");
}

static void remove_name(struct list *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++) {
		if (name_length(l->at[i]) == name_length(s) && !memcmp(l->at[i], s, name_length(s))) {
			free(l->at[i]);
			l->at[i] = l->at[--l->n];
			return;
		}
	}
}

static void set(struct list *l, char *owned)
{
	remove_name(l, owned);
	l->at = must_grow(l->at, l->n + 2, sizeof *l->at);
	l->at[l->n++] = owned;
}

static const char *given(const char *s, const char *usual)
{
	return s ? s : usual;
}

/* AWS_LAMBDA_RUNTIME_API with the port in place of %p */
static char *with_port(const char *api, uint16_t port)
{
	struct buf b = { 0 };

	for (; *api; api++) {
		if (api[0] == '%' && api[1] == 'p') {
			buf_printf(&b, "%u", port);
			api++;
		} else {
			buf_add(&b, api, 1);
		}
	}
	return b.p;
}

/* Lambda's environment for an OS-only runtime. Credentials are made up; nothing local accepts them. */
static void platform(struct list *l, const struct function_config *c)
{
	const char *name = given(c->name, "emulated"), *region = given(c->region, "us-east-1");
	const char *version = given(c->version, "$LATEST");
	char cwd[PATH_MAX] = "/";
	time_t now = time(NULL);
	struct tm t;

	gmtime_r(&now, &t);
	if (!realpath(given(c->cwd, "."), cwd))
		strcpy(cwd, "/");
	set(l, must_print("_HANDLER=%s", given(c->handler, "bootstrap")));
	set(l, must_print("LAMBDA_TASK_ROOT=%s", cwd));
	set(l, must_print("LAMBDA_RUNTIME_DIR=/var/runtime"));
	set(l, must_print("AWS_LAMBDA_FUNCTION_NAME=%s", name));
	set(l, must_print("AWS_LAMBDA_FUNCTION_VERSION=%s", version));
	set(l, must_print("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%u", c->memory_mb ? c->memory_mb : 128));
	set(l, must_print("AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/%s", name));
	set(l, must_print("AWS_LAMBDA_LOG_STREAM_NAME=%04d/%02d/%02d/[%s]%016llx%016llx", t.tm_year + 1900, t.tm_mon + 1,
	                  t.tm_mday, version, (unsigned long long)clock_ns(), (unsigned long long)wall_ms()));
	set(l, must_print("AWS_LAMBDA_INITIALIZATION_TYPE=on-demand"));
	set(l, must_print("AWS_LAMBDA_LOG_FORMAT=Text"));
	set(l, must_print("AWS_REGION=%s", region));
	set(l, must_print("AWS_DEFAULT_REGION=%s", region));
	set(l, must_print("AWS_ACCESS_KEY_ID=ASIAEMULATEDEXAMPLE0"));
	set(l, must_print("AWS_SECRET_ACCESS_KEY=emulated/secret/EXAMPLEKEYEXAMPLEKEYEXAM"));
	set(l, must_print("AWS_SESSION_TOKEN=emulated-session-token"));
	set(l, must_print("AWS_XRAY_CONTEXT_MISSING=LOG_ERROR"));
	if (c->xray_address) {
		set(l, must_print("AWS_XRAY_DAEMON_ADDRESS=%s", c->xray_address));
		set(l, must_print("_AWS_XRAY_DAEMON_ADDRESS=127.0.0.1"));
		set(l, must_print("_AWS_XRAY_DAEMON_PORT=%s", strchr(c->xray_address, ':') + 1));
	}
	set(l, must_print("TZ=:UTC"));
	set(l, must_print("LANG=en_US.UTF-8"));
	set(l, must_print("PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin"));
	set(l,
	    must_print("LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"));
}

char **variables_new(const struct function_config *c, uint16_t port)
{
	struct list l = { 0 };
	char *api = with_port(given(c->api, "127.0.0.1:%p"), port);

	if (!c->bare_env)
		platform(&l, c);
	set(&l, must_print("AWS_LAMBDA_RUNTIME_API=%s", api));
	free(api);
	if (c->otlp_endpoint && !c->bare_env) {
		set(&l, must_print("OTEL_EXPORTER_OTLP_ENDPOINT=%s", c->otlp_endpoint));
		set(&l, must_print("OTEL_METRIC_EXPORT_INTERVAL=0")); // to be seen with the invocation they are of
	}
	for (char *const *e = c->env; e && *e; e++) {
		if (strchr(*e, '='))
			set(&l, must_copy(*e, strlen(*e)));
		else
			remove_name(&l, *e);
	}
	l.at = must_grow(l.at, l.n + 1, sizeof *l.at);
	l.at[l.n] = NULL;
	return l.at;
}

void variables_free(char **env)
{
	for (char **e = env; *e; e++)
		free(*e);
	free(env);
}
