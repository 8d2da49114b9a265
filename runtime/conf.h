// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * The environment that Lambda gives a sandbox, read once. Slices point into the environment block and live as long as the process; any may be empty
 * (AWS Lambda developer guide, "Using Lambda environment variables").
 */
struct conf {
	str runtime_api, handler, task_root;
	str function_name, function_version, log_group, log_stream, initialization_type, log_format, log_level;
	str memory;        /* as it stands */
	int64_t memory_mb; /* 0: absent or not a number */
};

void conf_read(struct conf *c);

/* Sets _X_AMZN_TRACE_ID in the environment for the handler, unsets it when value is empty. Takes nothing from the heap. */
void conf_trace_header(str value);
