// SPDX-License-Identifier: MIT
#pragma once

#include "otel.h"

/*
 * All the memory that telemetry has, static and zero, so that only pages which are used exist. The state lies among what every start touches;
 * a small invocation uses one page of the spool, one or two for each span open at once, one of out.
 *
 *   state          REGION_STATE_BYTES                        1 KiB   what every invocation needs, together (record/recorder.h)
 *   open spans     OTEL_OPEN_MAX * (OTEL_SPAN_BYTES + 128) 388 KiB   a slot each, taken from the first on
 *   spool          REGION_SPOOL_BYTES                      512 KiB   finished spans in wire form
 *   resource       RESOURCE_BYTES_MAX                       64 KiB   who made them (semconv/resource.h)
 *   out            REGION_OUT_BYTES                        256 KiB   while shipping: a line for standard output, or a request's head and its reply
 *   gzip           REGION_GZIP_BYTES                       653 KiB   the compressor's, 199 KiB of it at level 1 (export/deflate.h)
 *   gzip in        REGION_GZIP_IN_BYTES                    544 KiB   a request in one piece, as long as it is
 *   receivers      (otlp/receiver.c)                        30 KiB   what the settings of each signal say
 *   keys           (otlp/sign.c)                            66 KiB   what a container's endpoint gave to sign with; untouched where it is not asked
 *   ready          SIGNALS * REGION_READY_BYTES            288 KiB   mode overlap: requests that wait for the next event (otlp/overlap.c)
 *
 * A program with metrics has these too (metric/space.h); of the second space nothing is touched until the first is half full:
 *
 *   metric spaces  2 * REGION_METRIC_SPACE_BYTES          640 KiB   points and attributes, in one of two
 *   metric table   REGION_METRIC_TABLE_BYTES               16 KiB   attributes by hash
 *   metrics        REGION_METRIC_STREAM_BYTES              20 KiB   OTEL_METRIC_STREAMS_MAX of them
 *
 * and one with logs, the copy of a function's own log included, this (logrec/source.c):
 *
 *   log spool      REGION_LOG_BYTES                       256 KiB   records in wire form
 */
#define REGION_STATE_BYTES 1024
#define REGION_OPEN_BYTES (OTEL_OPEN_MAX * (OTEL_SPAN_BYTES + 128))
#define REGION_SPOOL_BYTES (512 * 1024)
#define REGION_OUT_BYTES (256 * 1024)
#define REGION_READY_BYTES (96 * 1024)
#define REGION_GZIP_BYTES (653 * 1024)
#define REGION_GZIP_IN_BYTES (544 * 1024)
#define REGION_BYTES                                                                                      \
	(REGION_STATE_BYTES + REGION_OPEN_BYTES + REGION_SPOOL_BYTES + REGION_OUT_BYTES + REGION_GZIP_BYTES + \
	 REGION_GZIP_IN_BYTES)

#define REGION_METRIC_SPACE_BYTES (320 * 1024)
#define REGION_METRIC_TABLE_BYTES (16 * 1024)
#define REGION_METRIC_STREAM_BYTES (OTEL_METRIC_STREAMS_MAX * 160)
#define REGION_METRIC_BYTES (2 * REGION_METRIC_SPACE_BYTES + REGION_METRIC_TABLE_BYTES + REGION_METRIC_STREAM_BYTES)

#define REGION_LOG_BYTES (256 * 1024)
