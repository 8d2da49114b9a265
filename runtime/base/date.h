// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/*
 * The dates that AWS and HTTP write, as seconds since 1970. Readers take all of the text or nothing, check
 * every field against the calendar, and leave *out alone when they refuse. Years 1970 to 9999; a leap second
 * counts as the second behind it.
 */

/*
 * RFC 9110 5.6.7: the preferred form, and the two old ones that recipients must still read; now places a year
 * of two digits.
 */
bool date_read_http(str text, int64_t now, int64_t *out);

/* RFC 3339 as credentials expire with it: 2026-11-21T09:30:00Z, with any fraction (cut) and any offset. */
bool date_read_rfc3339(str text, int64_t *out);

/* x-amz-date: 20261121T093000Z. Written dates before 1970 are 1970, and those after 2262 are 2262. */
#define DATE_AMZ_BYTES 16
#define DATE_DAY_BYTES 8 /* its beginning, the day of a credential's scope */
bool date_read_amz(str text, int64_t *out);
void date_put_amz(struct buf *out, int64_t at);
