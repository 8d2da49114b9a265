// SPDX-License-Identifier: MIT
#include "test.h"
#include "tls/pem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HELLO "-----BEGIN GREETING-----\naGVsbG8=\n-----END GREETING-----\n"

static char seen[256];
static size_t most; /* objects that are wanted */

static bool note(void *to, str label, str der)
{
	size_t *count = to;
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof seen - n, "%.*s=%.*s;", (int)label.n, label.p, (int)der.n, der.p);
	return ++*count < most;
}

static unsigned char room[16];

static enum pem_result parse(const char *text, size_t cap)
{
	size_t count = 0, n = strlen(text);
	const struct pem p = { .room = room, .cap = cap, .object = note, .to = &count };

	seen[0] = 0;
	most = 10;
	return pem_read(&p, (str){ test_guarded(text, n), n });
}

TEST(pem_objects_come_one_by_one_whatever_stands_between)
{
	CHECK(parse("before\n" HELLO "between\r\n\r\n" HELLO "after", 16) == PEM_OK);
	CHECK(!strcmp(seen, "GREETING=hello;GREETING=hello;"));
	CHECK(parse("-----BEGIN GREETING-----\r\naGVs\r\nbG8=\r\n-----END GREETING-----", 16) == PEM_OK);
	CHECK(!strcmp(seen, "GREETING=hello;"));
	CHECK(parse("", 16) == PEM_OK && !seen[0]);
}

/* A line of END counts whatever it ends; by then the padding has shown that the data is whole. */
TEST(pem_that_ends_in_an_object_is_damaged_at_whatever_byte)
{
	char cut[sizeof HELLO];
	size_t begun = strlen("-----BEGIN "), whole = strlen("-----BEGIN GREETING-----\naGVsbG8=\n-----END ");

	for (size_t n = 0; n < sizeof HELLO; n++) {
		memcpy(cut, HELLO, n);
		cut[n] = 0;
		CHECK(parse(cut, 16) == (n > begun && n < whole ? PEM_SYNTAX : PEM_OK));
		CHECK(!!seen[0] == (n >= whole));
	}
}

TEST(pem_of_one_byte_too_many_is_said_to_be_large)
{
	CHECK(parse(HELLO, 5) == PEM_OK && parse(HELLO, 4) == PEM_LARGE && parse(HELLO, 0) == PEM_LARGE);
	CHECK(!seen[0]);
}

TEST(pem_stops_when_nobody_wants_more)
{
	size_t count = 0;
	const struct pem p = { .room = room, .cap = sizeof room, .object = note, .to = &count };

	seen[0] = 0;
	most = 1;
	CHECK(pem_read(&p, S(HELLO HELLO)) == PEM_STOPPED && count == 1);
}

TEST(pem_in_a_file_is_the_same_across_its_pieces)
{
	size_t count;
	const struct pem p = { .room = room, .cap = sizeof room, .object = note, .to = &count };
	static char text[4096];
	char path[64];

	most = SIZE_MAX;
	for (size_t before = 900; before < 1030; before++) {
		int fd = memfd_create("pem", 0);

		memset(text, '.', before);
		text[before - 1] = '\n';
		memcpy(text + before, HELLO, sizeof HELLO);
		CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		seen[0] = 0;
		count = 0;
		CHECK(pem_read_file(&p, path) == PEM_OK && !strcmp(seen, "GREETING=hello;"));
		close(fd);
	}
	CHECK(pem_read_file(&p, "/nowhere") == PEM_FILE && pem_read_file(&p, "/") == PEM_FILE);
}
