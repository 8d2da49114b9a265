// SPDX-License-Identifier: MIT
#pragma once

#include "net/http.h"

/*
 * Retry-After (RFC 9110 10.2.3): how many seconds from now, at most max and never negative, from a number or from a date in any of HTTP's three forms.
 * A date that has passed is 0. False, and *out is left alone: the reply has none that can be read.
 */
bool retry_after(const struct http_head *head, int64_t now_s, int64_t max_s, int64_t *out);

bool retry_after_read(str value, int64_t now_s, int64_t max_s, int64_t *out);
