// SPDX-License-Identifier: MIT
#include "invocation.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static struct invocation inv;
static struct lambda_call *const call = &inv.call;

/* n bytes of room against the guard page */
static void begin(size_t n)
{
	static char blank[1 << 20];

	memset(&inv, 0xee, sizeof inv);
	invocation_begin(&inv, test_guarded(blank, n), n);
}

/* What the loop gives: room for a full reply, the scratch, and the platform's word. */
static char region[LAMBDA_PAYLOAD_MAX + 1 + 65536 + LAMBDA_SCRATCH_MAX], payload[LAMBDA_PAYLOAD_MAX + 1];

static void begin_full(void)
{
	invocation_begin(&inv, region, sizeof region);
}

TEST(a_new_invocation_has_an_empty_json_reply_and_did_not_fail)
{
	begin(100);
	CHECK(!invocation_reply(&inv).n && !inv.failed && !inv.reply_too_large && !inv.error_type.n &&
	      !inv.error_message.n);
	CHECK(str_eq(inv.content_type, S("application/json")));
}

TEST(a_reply_is_what_was_written_in_order)
{
	begin(100);
	lambda_write(call, "a\0b", 3);
	lambda_write(call, NULL, 0);
	lambda_puts(call, "");
	lambda_puts(call, "cd");
	lambda_printf(call, "%s", "");
	lambda_printf(call, "%d-%s%c", -5, "x", 0);
	CHECK(str_eq(invocation_reply(&inv), S("a\0bcd-5-x\0")) && !inv.reply_too_large);
}

TEST(a_reply_takes_its_room_to_the_last_byte_and_not_one_more)
{
	for (size_t room = 0; room < 32; room++)
		for (size_t first = 0; first <= room; first++)
			for (int formatted = 0; formatted < 2; formatted++) {
				begin(room);
				lambda_write(call, payload, first);
				CHECK(!inv.reply_too_large && invocation_reply(&inv).n == first);
				if (formatted)
					lambda_printf(call, "%s", "12345");
				else
					lambda_puts(call, "12345");
				CHECK(inv.reply_too_large == (room - first < 5));
				CHECK(invocation_reply(&inv).n == (room - first < 5 ? first : first + 5));
				CHECK(inv.reply_too_large || !memcmp(invocation_reply(&inv).p + first, "12345", 5));
			}
}

TEST(nothing_is_written_behind_what_did_not_fit)
{
	begin(8);
	lambda_puts(call, "123456789");
	lambda_puts(call, "1");
	lambda_printf(call, "%d", 1);
	CHECK(inv.reply_too_large && !invocation_reply(&inv).n);
	lambda_printf(call, "%s", "");
	CHECK(inv.reply_too_large);
}

TEST(a_reply_may_have_the_full_payload_beside_the_full_scratch)
{
	begin_full();
	CHECK(lambda_alloc(call, LAMBDA_SCRATCH_MAX - 15)); /* alignment of the region's end takes the rest, at most */
	lambda_write(call, payload, LAMBDA_PAYLOAD_MAX - 10);
	lambda_printf(call, "%010d", 7);
	CHECK(!inv.reply_too_large && invocation_reply(&inv).n == LAMBDA_PAYLOAD_MAX);
	CHECK(!memcmp(invocation_reply(&inv).p + LAMBDA_PAYLOAD_MAX - 10, "0000000007", 10));
	lambda_puts(call, "1");
	CHECK(inv.reply_too_large && invocation_reply(&inv).n == LAMBDA_PAYLOAD_MAX);
	begin_full();
	lambda_write(call, payload, LAMBDA_PAYLOAD_MAX + 1);
	CHECK(inv.reply_too_large);
	begin_full();
	lambda_write(call, payload, LAMBDA_PAYLOAD_MAX - 1);
	lambda_printf(call, "%s", "ab");
	CHECK(inv.reply_too_large);
	begin_full();
	lambda_write(call, payload, SIZE_MAX);
	CHECK(inv.reply_too_large);
}

TEST(borrowed_bytes_are_the_reply_in_place_of_what_was_written)
{
	begin(100);
	lambda_puts(call, "written");
	lambda_borrow(call, payload, 3);
	CHECK(invocation_reply(&inv).p == payload && invocation_reply(&inv).n == 3);
	lambda_puts(call, "more");
	CHECK(invocation_reply(&inv).p == payload && invocation_reply(&inv).n == 3);
	lambda_borrow(call, NULL, 0);
	CHECK(invocation_reply(&inv).n == 0 && !inv.reply_too_large);
	lambda_borrow(call, payload, LAMBDA_PAYLOAD_MAX); /* room does not matter */
	CHECK(invocation_reply(&inv).n == LAMBDA_PAYLOAD_MAX && !inv.reply_too_large);
	lambda_borrow(call, payload, LAMBDA_PAYLOAD_MAX + 1);
	CHECK(inv.reply_too_large);
	begin(100);
	CHECK(!invocation_reply(&inv).n);
}

TEST(scratch_is_zeroed_aligned_apart_and_keeps_clear_of_the_reply)
{
	begin(1000);
	memset(inv.room.next, 0xee, 1000);
	char *before = inv.room.end;

	for (size_t n = 0; n < 20; n++) {
		char *p = lambda_alloc(call, n);

		CHECK(p && ((uintptr_t)p & 15) == 0 && p + n <= before);
		for (size_t i = 0; p && i < n; i++)
			CHECK(!p[i]);
		if (p)
			memset(p, 0xaa, n);
		before = p;
	}
	lambda_write(call, payload, (size_t)(before - inv.reply_start));
	CHECK(!inv.reply_too_large && !lambda_alloc(call, 1));
	lambda_puts(call, "1");
	CHECK(inv.reply_too_large);
}

TEST(scratch_ends_at_its_limit_and_at_the_reply)
{
	for (size_t room = 0; room <= 64; room++)
		for (size_t n = 0; n <= 65; n++) {
			begin(room);
			char *start = inv.room.next, *end = inv.room.end, *p = lambda_alloc(call, n);
			size_t pad = (uintptr_t)(end - n) & 15;

			CHECK(!!p == (n + pad <= room));
			CHECK(!p || (p >= start && p + n <= end));
			CHECK(p ? inv.room.end == p : inv.room.end == end);
		}
	begin_full();
	CHECK(!lambda_alloc(call, LAMBDA_SCRATCH_MAX + 1) && !lambda_alloc(call, SIZE_MAX));
	size_t taken = 0;
	while (lambda_alloc(call, 1000))
		taken += 1000;
	CHECK(taken > LAMBDA_SCRATCH_MAX / 100 * 99 && taken <= LAMBDA_SCRATCH_MAX); /* 8 bytes of padding each */
	begin_full();
	CHECK(lambda_alloc(call, 1000));
}

TEST(padding_counts_against_the_scratch)
{
	for (size_t left = 0; left < 20; left++) {
		begin(64); /* its end is aligned: one byte takes sixteen */
		inv.scratch_left = left;
		CHECK(!!lambda_alloc(call, 1) == (left >= 16));
		CHECK(inv.scratch_left == (left >= 16 ? left - 16 : left));
	}
}

TEST(the_first_failure_stands)
{
	begin(10);
	CHECK(lambda_fail(call, "NameTooLong", "%d bytes, at most %s", 65, "64") == -1);
	CHECK(lambda_fail(call, "Other", "other") == -1);
	CHECK(inv.failed && str_eq(inv.error_type, S("NameTooLong")) &&
	      str_eq(inv.error_message, S("65 bytes, at most 64")));
	begin(10);
	CHECK(!inv.failed && !inv.error_type.n);
}

TEST(a_failure_may_have_neither_type_nor_message)
{
	begin(10);
	CHECK(lambda_fail(call, NULL, "%s", "") == -1);
	CHECK(inv.failed && !inv.error_type.n && !inv.error_message.n);
}

TEST(types_and_messages_are_cut_at_their_limits)
{
	static char text[9000];

	memset(text, 't', sizeof text - 1);
	for (size_t n = 0; n < 8500; n += n % 4096 > 4090 || n % 4096 < 5 || n < 300 ? 1 : 97) {
		begin(10);
		text[n] = 0;
		CHECK(lambda_fail(call, text, "%s", text) == -1);
		CHECK(inv.error_type.n == (n < ERROR_TYPE_MAX ? n : ERROR_TYPE_MAX));
		CHECK(inv.error_message.n == (n < 4096 ? n : 4096));
		CHECK(!memcmp(inv.error_message.p, text, inv.error_message.n) &&
		      !memcmp(inv.error_type.p, text, inv.error_type.n));
		text[n] = 't';
	}
}

TEST(a_content_type_is_what_the_handler_says)
{
	begin(10);
	lambda_content_type(call, "text/plain; charset=utf-8");
	CHECK(str_eq(inv.content_type, S("text/plain; charset=utf-8")));
	begin(10);
	CHECK(str_eq(inv.content_type, S("application/json")));
}
