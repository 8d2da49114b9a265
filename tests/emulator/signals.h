// SPDX-License-Identifier: MIT
// Data points and log records as lines beside the waterfall.
#pragma once
#include "ink.h"
#include "otlp_decode.h"

void signals_print(const struct ink_style *style, FILE *out, const struct otlp *o); // nothing when there are none
