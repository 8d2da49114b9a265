// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/* Requests, by what brought them. */
bool read_http_api(struct trigger *t); /* payload format 2.0: HTTP APIs and function URLs */
bool read_rest(struct trigger *t);     /* REST APIs, and HTTP APIs with payload format 1.0 */
bool read_balancer(struct trigger *t);
bool read_websocket(struct trigger *t);
