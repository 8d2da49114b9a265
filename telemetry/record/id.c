// SPDX-License-Identifier: MIT
#include "record/id.h"

#include "base/clock.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <unistd.h>

/*
 * getrandom() fails where a sandbox forbids it. Then the 16 random bytes that the kernel gives every process (AT_RANDOM), its clocks and its process id
 * make a seed that no other process has.
 */
static void seed(struct id_source *source)
{
	if (getrandom(source->s, sizeof source->s, GRND_NONBLOCK) != sizeof source->s) {
		const void *at_random = (const void *)getauxval(AT_RANDOM);

		if (at_random)
			memcpy(source->s, at_random, 16);
		source->s[2] = (uint64_t)clock_wall_ns() ^ (uint64_t)getpid() << 40;
		source->s[3] = (uint64_t)clock_mono_ns();
	}
	source->s[0] |= 1; /* the one state that it cannot leave is zero */
}

static uint64_t rotate(uint64_t v, int k)
{
	return v << k | v >> (64 - k);
}

uint64_t id_next(struct id_source *source)
{
	uint64_t *s = source->s, out, t;

	if (!(s[0] | s[1] | s[2] | s[3]))
		seed(source);
	out = rotate(s[0] + s[3], 23) + s[0];
	t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return out;
}

void id_reseed(struct id_source *source)
{
	memset(source->s, 0, sizeof source->s);
}

void id_trace(struct id_source *source, int64_t wall_ns, unsigned char out[16])
{
	uint32_t seconds = source->random ? (uint32_t)id_next(source) : (uint32_t)(wall_ns / 1000000000);
	uint64_t low = id_next(source);
	uint32_t high = (uint32_t)id_next(source);

	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(seconds >> (24 - 8 * i));
	memcpy(out + 4, &high, 4);
	memcpy(out + 8, &low, 8);
}

void id_span(struct id_source *source, unsigned char out[8])
{
	uint64_t id;

	do
		id = id_next(source);
	while (!id);
	memcpy(out, &id, 8);
}

void id_hex(char *out, const unsigned char *bytes, int n)
{
	for (int i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[bytes[i] >> 4];
		*out++ = "0123456789abcdef"[bytes[i] & 15];
	}
}
