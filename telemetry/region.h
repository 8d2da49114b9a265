// SPDX-License-Identifier: MIT
#pragma once

#include "otel.h"

/*
 * All the memory that telemetry has, static and zero, so that only pages which are used exist. A small invocation uses one or two pages of
 * state and spool, which lie one behind the other, one for each span open at once, one of out.
 *
 *   state          REGION_STATE_BYTES                        4 KiB   what every invocation needs, together (record/recorder.h)
 *   open spans     OTEL_OPEN_MAX * OTEL_SPAN_BYTES         384 KiB   a slot each, taken from the first on
 *   spool          REGION_SPOOL_BYTES                      512 KiB   the envelope's constant parts, then finished spans in wire form
 *   out            REGION_OUT_BYTES                        256 KiB   while shipping: a line for standard output, or a request's head and its reply
 */
#define REGION_STATE_BYTES 4096
#define REGION_OPEN_BYTES (OTEL_OPEN_MAX * OTEL_SPAN_BYTES)
#define REGION_SPOOL_BYTES (512 * 1024)
#define REGION_OUT_BYTES (256 * 1024)
#define REGION_BYTES (REGION_STATE_BYTES + REGION_OPEN_BYTES + REGION_SPOOL_BYTES + REGION_OUT_BYTES)
