// SPDX-License-Identifier: MIT
#pragma once

#include "trigger/trigger.h"

/* Sources that a program added are asked first, the last one added before the others. */
bool own_any(void);
bool own_detect(struct trigger *t);
