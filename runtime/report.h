// SPDX-License-Identifier: MIT
#pragma once

#include "base/arena.h"
#include "base/str.h"

/*
 * How a failure is told to the platform: the body of /error and /init/error, and two headers (AWS Lambda developer guide, Runtime API,
 * "Invocation error").
 */
struct report {
	str body;  /* {"errorMessage":...,"errorType":...,"stackTrace":[]} */
	str type;  /* Lambda-Runtime-Function-Error-Type */
	str cause; /* Lambda-Runtime-Function-XRay-Error-Cause; empty when it would be too large for a header */
};

/*
 * Takes its room from a. The platform keeps a header type only when it matches (Runtime|Function).[A-Z][a-zA-Z]+ and makes Unknown of any other, so a user's
 * own type stands in the body, and the header says Function.HandlerError.
 */
void report_write(struct report *r, struct arena *a, str type, str message, str directory);

bool report_type_passes(str type);
