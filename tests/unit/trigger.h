// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

#include <stddef.h>

/* An event of tests/data/events; it lives until the next one. */
str event_of(const char *name);

/* Looked at; it lives until the next one. */
struct trigger *detected(str event);

/* Its attribute as text, a number in decimal; empty when there is none. */
str attr_of(const struct trigger *t, const char *key);
