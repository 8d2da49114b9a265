// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "source.h"

/*
 * Environment variables, looked up when they are wanted. Values point into the environment block; one that is empty counts as unset
 * (OpenTelemetry specification, "Environment variable specification").
 */
str setting(const char *name);

/* OTEL_EXPORTER_OTLP_TRACES_what (METRICS, LOGS), else OTEL_EXPORTER_OTLP_what: name is of the one that is set. */
struct otlp_setting {
	str name, value;
	char room[64];
};

bool otlp_setting(struct otlp_setting *s, enum signal signal, const char *what); /* true: it is the signal's own */

/* Only "true", in any case, is true; what is neither that nor "false" is said to be wrong. */
bool setting_bool(const char *name);

/* Says what is set that means nothing here: a file of configuration. */
void settings_check(void);

/* One record: "NAME=value: what". An empty value is not shown, nor should one be that may hold a secret. */
void setting_warn(str name, str value, const char *what);
