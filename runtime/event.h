// SPDX-License-Identifier: MIT
#pragma once

#include "conf.h"
#include "invocation.h"
#include "net/http.h"

/* What the head of /next says of the invocation. An empty header counts as absent; a number that is none, too. */
void event_read(struct invocation *inv, const struct http_reply *reply);

/* The part of a call that is the same each time. */
void event_sandbox(struct lambda_call *call, const struct conf *conf);
