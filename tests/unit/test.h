// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * TEST(a_claim_as_a_sentence) { CHECK(...); }
 * registers itself before main. A failed CHECK is printed and counted, and the test goes on.
 */
struct test {
	const char *name, *file;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *t);
void test_failed(const char *file, int line, const char *expression);

/* n bytes ending right before an unmapped page: one byte read too far is a fault. Valid until the next call; n <= 1 MiB. */
char *test_guarded(const void *bytes, size_t n);

#define TEST(name_)                                                                \
	static void name_(void);                                                       \
	__attribute__((constructor)) static void register_##name_(void)                \
	{                                                                              \
		static struct test t = { .name = #name_, .file = __FILE__, .run = name_ }; \
		test_register(&t);                                                         \
	}                                                                              \
	static void name_(void)

#define CHECK(expression) ((expression) ? (void)0 : test_failed(__FILE__, __LINE__, #expression))

#define COUNT(array) (sizeof(array) / sizeof *(array))
