// SPDX-License-Identifier: MIT
#pragma once

#include "otel.h"

/*
 * All the memory that telemetry has, static and zero, so that only pages which are used exist. The state lies among what every start touches;
 * a small invocation uses one page of the spool, one or two for each span open at once, one of out.
 *
 *   state          REGION_STATE_BYTES                        1 KiB   what every invocation needs, together (record/recorder.h)
 *   open spans     OTEL_OPEN_MAX * (OTEL_SPAN_BYTES + 64)  386 KiB   a slot each, taken from the first on
 *   spool          REGION_SPOOL_BYTES                      512 KiB   the envelope's constant parts, then finished spans in wire form
 *   out            REGION_OUT_BYTES                        256 KiB   while shipping: a line for standard output, or a request's head and its reply
 */
#define REGION_STATE_BYTES 1024
#define REGION_OPEN_BYTES (OTEL_OPEN_MAX * (OTEL_SPAN_BYTES + 64))
#define REGION_SPOOL_BYTES (512 * 1024)
#define REGION_OUT_BYTES (256 * 1024)
#define REGION_BYTES (REGION_STATE_BYTES + REGION_OPEN_BYTES + REGION_SPOOL_BYTES + REGION_OUT_BYTES)
