// SPDX-License-Identifier: MIT
#pragma once

#include "export/ship.h"

/*
 * Lines on standard output, which is a log: what writes them hands over, and nobody acknowledges. A line must fit one CloudWatch log event, 262 144
 * bytes with 26 of the service's own, and REGION_OUT_BYTES, where it is made.
 */
#define LINE_BYTES_MAX (REGION_OUT_BYTES - 1024)

/* Writes all of it. False: standard output takes no more, or not by the deadline. */
bool line_write(str line, int64_t deadline_mono_ns);

/* The same for a line that stands for n items, which it accounts for; what: the exporter, for people. */
void line_hand_over(const struct batch *b, str line, size_t n, str what, int64_t deadline_mono_ns);

/* And for one that stands for these: they may go by another way. */
void line_ship(const struct batch *b, str line, const struct signal_items *run, str what, int64_t deadline_mono_ns);
