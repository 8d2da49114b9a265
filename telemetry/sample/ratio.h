// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * Ratios of traces, deterministic in the trace id (OpenTelemetry specification, "ProbabilitySampler"; W3C trace-context level 2, 3.2.2.5.2): the last
 * seven bytes of an id are a random number R, and a trace is kept when R is not under the threshold T. So whoever keeps less keeps a part of what those
 * who keep more have kept.
 */
#define RATIO_BITS 56

/* Decimal digits, at most 15 of them, with or without a point: from 0 to 1. False leaves *out alone. */
bool ratio_parse(str text, double *out);

/* T, rounded; 2^56 keeps nothing. */
uint64_t ratio_threshold(double ratio);

uint64_t ratio_random(const unsigned char trace_id[16]); /* R */

/* T as tracestate has it: hex digits without zeros at the end, "0" for 0. Returns how many, 1 to 14. */
size_t ratio_text(char out[14], uint64_t threshold);

/* False: no such text. rv has exactly 14 digits. */
bool ratio_th(str text, uint64_t *threshold);
bool ratio_rv(str text, uint64_t *random);
