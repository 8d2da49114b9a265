// SPDX-License-Identifier: MIT
#include "test.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Runs the tests that registered themselves; arguments pick those whose file or name contains one of them.
 * Each test is one line, its name before it runs, so that a crash leaves behind which test it was.
 */
#define GUARDED_MAX (1u << 20)

static struct test *tests; /* sorted by file, then by name: constructors run in no order to rely on */
static unsigned failures;  /* of the test that is running */

void test_register(struct test *t)
{
	struct test **at = &tests;

	while (*at && (strcmp((*at)->file, t->file) < 0 ||
	               (strcmp((*at)->file, t->file) == 0 && strcmp((*at)->name, t->name) < 0)))
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

void test_failed(const char *file, int line, const char *expression)
{
	if (!failures++)
		printf("FAILED\n");
	printf("    %s:%d: %s\n", file, line, expression);
}

char *test_guarded(const void *bytes, size_t n)
{
	static char *guard;

	assert(n <= GUARDED_MAX);
	if (!guard) {
		size_t page = (size_t)sysconf(_SC_PAGESIZE);
		char *map = mmap(NULL, GUARDED_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (map == MAP_FAILED || mprotect(map + GUARDED_MAX, page, PROT_NONE) != 0) {
			perror("test_guarded");
			exit(2);
		}
		guard = map + GUARDED_MAX;
	}
	return n ? memcpy(guard - n, bytes, n) : guard;
}

static bool is_picked(const struct test *t, char **words)
{
	if (!*words)
		return true;
	for (; *words; words++)
		if (strstr(t->file, *words) || strstr(t->name, *words))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	(void)argc;
	for (struct test *t = tests; t; t = t->next) {
		if (!is_picked(t, argv + 1))
			continue;
		printf("%s: %s ...\n", t->file, t->name);
		fflush(stdout);
		failures = 0;
		t->run();
		printf("%s: %s %s\n", t->file, t->name, failures ? "FAILED" : "ok");
		*(failures ? &failed : &passed) += 1;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
