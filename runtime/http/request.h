// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "lambda_http.h"

/* n bytes of the request's room or of its call's region; NULL, and http->full is set, when there are none left. */
char *http_take(struct lambda_http *http, size_t n);

/* A JSON string value's characters, decoded into the room where need be; empty when it is no string, or on full. */
str http_text(struct lambda_http *http, str value);

/* The text of a JSON string, without its quotes. */
str http_unescape(struct lambda_http *http, str text);

/* Percent-decoded; '+' is a space when plus. */
str http_percent(struct lambda_http *http, str text, bool plus);
