// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

#include <stdint.h>

/* Nanoseconds since 1970 (CLOCK_REALTIME) and since boot (CLOCK_MONOTONIC); both come from the vDSO, no system call. */
int64_t clock_wall_ns(void);
int64_t clock_mono_ns(void);

/* clock_mono_ns() as a system call: the vDSO's first use is two page faults and a search, which the first /next need not wait for. */
int64_t clock_start_ns(void);

/* RFC 3339 with milliseconds and Z, 24 bytes: 2026-11-21T09:30:00.123Z. Years 1970 to 9999; others are clamped. */
#define CLOCK_RFC3339_BYTES 24
void clock_rfc3339(struct buf *out, int64_t wall_ns);
