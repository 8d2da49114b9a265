// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Trace and span ids. They must be unique, not secret: one getrandom() seeds a xoshiro256++ generator (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators") when the first id is wanted, and no id costs a system call after that. All zero: not seeded yet.
 */
struct id_source {
	uint64_t s[4];
	bool random; /* MOTE_RANDOM_IDS: nothing in a trace id is the time */
};

uint64_t id_next(struct id_source *source);

/* Another getrandom() for the next id: after a fork, or in a copy of a process, ids would come twice. */
void id_reseed(struct id_source *source);

/* X-Ray compatible unless random: four bytes of Unix seconds, big endian, then twelve random ones; so W3C's random-trace-id flag may be set. */
void id_trace(struct id_source *source, int64_t wall_ns, unsigned char out[16]);
void id_span(struct id_source *source, unsigned char out[8]); /* never all zero, which would mean none */

/* n bytes as 2 n lower-case hex digits, without NUL. */
void id_hex(char *out, const unsigned char *bytes, int n);
