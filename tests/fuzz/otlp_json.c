// SPDX-License-Identifier: MIT
#include "encode/otlp_json.h"
#include "lambda_json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char room[1 << 20], pieces[1 << 20];
static size_t pieces_n;

static bool collect(struct text *t)
{
	if (t->n > sizeof pieces - pieces_n)
		return false;
	memcpy(pieces + pieces_n, t->p, t->n);
	pieces_n += t->n;
	t->n = 0;
	return true;
}

/* Any bytes as a request of any signal: what is taken for one comes out as JSON, of the size that was counted, the same in pieces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text counted = { 0 }, whole = { .p = room, .cap = sizeof room }, cut;
	char small[TEXT_FLUSHED_MIN];
	enum signal signal;
	str request;

	if (!size)
		return 0;
	signal = (enum signal)(data[0] % SIGNALS);
	request = (str){ (const char *)data + 1, size - 1 };
	if (!otlp_json_wire(&counted, signal, request))
		return 0;
	otlp_json_wire(&whole, signal, request);
	if (whole.full)
		return 0;
	if (counted.total != whole.n || whole.total != whole.n)
		abort();
	if (!lambda_json_valid((str){ room, whole.n }))
		abort();
	cut = (struct text){ .p = small, .cap = sizeof small, .flush = collect };
	pieces_n = 0;
	otlp_json_wire(&cut, signal, request);
	if (!collect(&cut) || pieces_n != whole.n || memcmp(pieces, room, pieces_n) != 0)
		abort();
	return 0;
}
