// SPDX-License-Identifier: MIT
#include "test.h"

#include "otlp/reply.h"

static char room[16];
static struct export_reply reply;

static bool reads(str body)
{
	reply = (struct export_reply){ .rejected = 99, .message = BUF(room) };
	return export_reply_read((str){ test_guarded(body.p, body.n), body.n }, &reply);
}

TEST(an_empty_reply_took_all)
{
	CHECK(reads((str){ 0 }) && reply.rejected == 0 && reply.message.n == 0);
	CHECK(reads(S("\x0a\x00")) && reply.rejected == 0);
}

TEST(a_partial_success_says_how_many_and_why)
{
	CHECK(reads(S("\x0a\x0a\x08\x80\x02\x12\x05quota")) && reply.rejected == 256 &&
	      str_eq(buf_str(&reply.message), S("quota")));
	CHECK(reads(S("\x0a\x07\x12\x05quota")) && reply.rejected == 0 && reply.message.n == 5);
	CHECK(reads(S("\x0a\x16\x12\x12longer than it is ok\x08\x01")) == false);
	CHECK(reads(S("\x0a\x18\x12\x14longer than there is.\x08\x01")) == false);
	CHECK(reads(S("\x0a\x18\x12\x14longer than there is\x08\x01")) && reply.rejected == 1);
	CHECK(str_eq(buf_str(&reply.message), S("longer than ther")));
}

TEST(unknown_fields_of_a_reply_are_passed_over)
{
	CHECK(reads(S(
		"\x10\x05\x1a\x02hi\x25\x01\x02\x03\x04\x29\x01\x02\x03\x04\x05\x06\x07\x08\x0a\x06\x18\x09\x08\x03\x22\x00")));
	CHECK(reply.rejected == 3);
}

TEST(what_is_no_reply_is_refused)
{
	CHECK(!reads(S("<html>")));
	CHECK(!reads(S("{}")));
	CHECK(!reads(S("\x0a")));
	CHECK(!reads(S("\x0a\x05\x08\x01")));
	CHECK(!reads(S("\x0a\x02\x08\x80")));
	CHECK(!reads(S("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))); /* -1 */
	CHECK(!reads(S("\x0b")));
	CHECK(!reads((str){ "\0", 1 }));
}

TEST(a_reply_cut_anywhere_is_survived)
{
	const char whole[] = "\x10\x05\x0a\x0a\x08\x80\x02\x12\x05quota\x1a\x02hi";

	for (size_t n = 0; n < sizeof whole; n++)
		(void)reads((str){ whole, n });
	CHECK(reads((str){ whole, sizeof whole - 1 }) && reply.rejected == 256);
}
