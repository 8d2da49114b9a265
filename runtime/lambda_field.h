// SPDX-License-Identifier: MIT
#pragma once

#include "lambda_str.h"

#include <stdbool.h>
#include <stdint.h>

/* One field of a log record: lambda_log_fields() takes them, and who watches the log gets them. */
struct lambda_field {
	const char *key;
	enum { LAMBDA_FIELD_STR, LAMBDA_FIELD_INT, LAMBDA_FIELD_DOUBLE, LAMBDA_FIELD_BOOL } type;
	union {
		lambda_str string;
		int64_t integer;
		double number;
		bool boolean;
	} value;
};
