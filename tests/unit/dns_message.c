// SPDX-License-Identifier: MIT
#include "dns_wire.h"

#include "test.h"

#include <stdio.h>

static struct dns_wire w;
static struct dns_answer got;

static struct dns_question question(const char *name, enum dns_type type)
{
	struct dns_question q = { .id = 0x1234, .type = type };

	CHECK(dns_name_make(str_of(name), S(""), &q.name));
	return q;
}

/* Every message is read with an unmapped page behind it. */
static enum dns_verdict read_it(const struct dns_question *q)
{
	return dns_answer_read((const unsigned char *)test_guarded(w.p, w.n), w.n, q, &got);
}

static bool is(size_t i, const char *bytes, size_t n)
{
	return i < got.count && !memcmp(got.address[i], bytes, n);
}

/* ---- names and queries ---- */

TEST(a_query_is_a_header_and_one_question)
{
	static const unsigned char expected[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\3api\7example\3com\0\0\x1c\0\1";
	struct dns_question q = question("API.Example.com", DNS_AAAA);
	unsigned char out[DNS_QUERY_MAX];

	CHECK(dns_query_write(&q, out) == sizeof expected - 1);
	CHECK(!memcmp(out, expected, sizeof expected - 1));
	q = question("api.example.com.", DNS_A); /* a dot at the end is the root, which is there anyway */
	CHECK(dns_query_write(&q, out) == sizeof expected - 1 && out[30] == 1);
}

TEST(a_name_and_its_domain_are_one_name)
{
	struct dns_name whole, parts;

	CHECK(dns_name_make(S("a.b.example.com"), S(""), &whole));
	CHECK(dns_name_make(S("a"), S("b.Example.COM."), &parts) && parts.n == whole.n);
	CHECK(!memcmp(parts.wire, whole.wire, whole.n));
}

TEST(a_name_has_labels_of_63_bytes_and_255_in_all)
{
	char text[300];
	struct dns_name n;

	memset(text, 'x', sizeof text);
	CHECK(dns_name_make((str){ text, 63 }, S(""), &n) && n.n == 65);
	CHECK(!dns_name_make((str){ text, 64 }, S(""), &n));
	text[63] = text[127] = text[191] = '.';
	CHECK(dns_name_make((str){ text, 253 }, S(""), &n) && n.n == 255);
	CHECK(!dns_name_make((str){ text, 254 }, S(""), &n));
	CHECK(dns_name_make((str){ text, 191 }, (str){ text, 61 }, &n) && n.n == 255);
	CHECK(!dns_name_make((str){ text, 191 }, (str){ text, 62 }, &n));
	CHECK(!dns_name_make((str){ text, 300 }, S(""), &n));
}

TEST(what_is_no_name_is_not_asked_for)
{
	static const char *const t[] = { "", ".", ".a", "a..b", "a..", ".." };
	struct dns_name n;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		CHECK(!dns_name_make(str_of(t[i]), S(""), &n));
	CHECK(!dns_name_make(S("a"), S("."), &n) && !dns_name_make(S("a"), S("b..c"), &n));
	CHECK(!dns_name_make(S(""), S("b"), &n));
}

/* ---- answers ---- */

TEST(addresses_are_read_in_the_order_of_the_server)
{
	struct dns_question q = question("host.example", DNS_A);

	wire_start(&w, &q, RESPONSE, 2);
	wire_address(&w, "", 12, 300, "\12\0\0\1", 4);
	wire_address(&w, "HOST.example", 0, 60, "\12\0\0\2", 4);
	CHECK(read_it(&q) == DNS_ADDRESSES && got.count == 2 && got.ttl == 60);
	CHECK(is(0, "\12\0\0\1", 4) && is(1, "\12\0\0\2", 4));

	q = question("host.example", DNS_AAAA);
	wire_start(&w, &q, RESPONSE, 1);
	wire_address(&w, "", 12, 300, "0123456789abcdef", 16);
	CHECK(read_it(&q) == DNS_ADDRESSES && got.count == 1 && is(0, "0123456789abcdef", 16));
}

TEST(more_addresses_than_are_kept_are_passed_over)
{
	struct dns_question q = question("host.example", DNS_A);

	wire_start(&w, &q, RESPONSE, 100);
	for (char i = 0; i < 100; i++)
		wire_address(&w, "", 12, 300 - (uint32_t)i, (const char[]){ 10, 0, 0, i }, 4);
	CHECK(read_it(&q) == DNS_ADDRESSES && got.count == DNS_ADDRESSES_MAX && got.ttl == 201);
	CHECK(is(0, "\12\0\0\0", 4) && is(3, "\12\0\0\3", 4));
}

TEST(aliases_are_followed_in_any_order)
{
	struct dns_question q = question("www.example", DNS_A);

	for (int order = 0; order < 6; order++) {
		static const char turns[6][3] = {
			{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
		};

		wire_start(&w, &q, RESPONSE, 4);
		wire_address(&w, "elsewhere.example", 0, 1, "\12\0\0\x63", 4);
		for (int i = 0; i < 3; i++)
			switch (turns[order][i]) {
			case 0:  wire_alias(&w, "", 12, 30, "edge", 16); break; /* edge.example */
			case 1:  wire_alias(&w, "edge.example", 0, 20, "node.cdn.test", 0); break;
			default: wire_address(&w, "node.CDN.test", 0, 40, "\12\0\0\1", 4);
			}
		CHECK(read_it(&q) == DNS_ADDRESSES && got.count == 1 && is(0, "\12\0\0\1", 4));
		CHECK(got.ttl == 20); /* of the chain as a whole */
	}
}

TEST(a_chain_of_aliases_has_an_end)
{
	struct dns_question q = question("a0", DNS_A);

	for (unsigned links = 1; links < 40; links++) {
		char owner[8], target[8];

		wire_start(&w, &q, RESPONSE, links + 1);
		for (unsigned i = 0; i < links; i++) {
			snprintf(owner, sizeof owner, "a%u", i);
			snprintf(target, sizeof target, "a%u", i + 1);
			wire_alias(&w, owner, 0, 5, target, 0);
		}
		wire_address(&w, target, 0, 5, "\12\0\0\1", 4);
		CHECK(read_it(&q) == (links <= 16 ? DNS_ADDRESSES : DNS_REFUSED));
	}
	wire_start(&w, &q, RESPONSE, 2);
	wire_alias(&w, "", 12, 5, "b", 0);
	wire_alias(&w, "b", 0, 5, "", 12);
	CHECK(read_it(&q) == DNS_REFUSED);
	wire_start(&w, &q, RESPONSE, 1);
	wire_alias(&w, "", 12, 5, "", 12);
	CHECK(read_it(&q) == DNS_REFUSED);
	wire_start(&w, &q, RESPONSE, 1);
	wire_alias(&w, "", 12, 5, "nowhere", 0); /* an alias whose target has no address of this type */
	CHECK(read_it(&q) == DNS_NO_DATA);
}

TEST(a_time_to_live_is_of_31_bits_and_may_be_zero)
{
	struct dns_question q = question("a", DNS_A);
	static const uint32_t t[][2] = {
		{ 0, 0 }, { 1, 1 }, { INT32_MAX, INT32_MAX }, { 0x80000000, 0 }, { UINT32_MAX, 0 }
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		wire_start(&w, &q, RESPONSE, 1);
		wire_address(&w, "", 12, t[i][0], "\12\0\0\1", 4);
		CHECK(read_it(&q) == DNS_ADDRESSES && got.ttl == t[i][1]);
	}
}

TEST(the_code_says_why_there_is_no_address)
{
	struct dns_question q = question("a", DNS_A);

	for (unsigned code = 0; code < 16; code++) {
		wire_start(&w, &q, RESPONSE | code, 0);
		CHECK(read_it(&q) == (code == 0 ? DNS_NO_DATA : code == 3 ? DNS_NO_NAME : DNS_REFUSED));
	}
	wire_start(&w, &q, RESPONSE | TRUNCATED, 0);
	CHECK(read_it(&q) == DNS_TRUNCATED);
	wire_start(&w, &q, RESPONSE | TRUNCATED | 2, 0);
	CHECK(read_it(&q) == DNS_REFUSED);
}

/* ---- lies ---- */

TEST(an_answer_to_another_question_is_foreign)
{
	struct dns_question q = question("bank.example", DNS_A), other;

	wire_start(&w, &q, RESPONSE, 1);
	wire_address(&w, "", 12, 300, "\12\0\0\1", 4);
	CHECK(read_it(&q) == DNS_ADDRESSES);
	for (unsigned id = 0; id <= UINT16_MAX; id++) {
		other = q;
		other.id = (uint16_t)id;
		CHECK((dns_answer_read(w.p, w.n, &other, &got) == DNS_ADDRESSES) == (id == q.id));
	}
	other = question("bank.example", DNS_AAAA);
	CHECK(read_it(&other) == DNS_FOREIGN);
	other = question("bank.exampl", DNS_A);
	CHECK(read_it(&other) == DNS_FOREIGN);
	for (size_t i = 2; i < 12 + q.name.n + 4; i++) {
		unsigned char was = w.p[i];

		if (i == 3 || (i >= 6 && i < 12)) /* recursion available and code; how many records */
			continue;
		for (unsigned bit = 0; bit < 8; bit++) {
			w.p[i] = (unsigned char)(was ^ (1u << bit));
			if (i == 2 && (bit == 0 || bit == 2)) /* desired, authoritative: as it likes */
				CHECK(read_it(&q) == DNS_ADDRESSES);
			else if (i == 2 && bit == 1)
				CHECK(read_it(&q) == DNS_TRUNCATED);
			else if (i > 12 && i < 11 + q.name.n && bit == 5 && was >= 'a' && was <= 'z')
				CHECK(read_it(&q) == DNS_ADDRESSES); /* the case of a letter */
			else
				CHECK(read_it(&q) == DNS_FOREIGN);
			w.p[i] = was;
		}
	}
}

TEST(records_of_other_names_types_and_classes_are_not_believed)
{
	struct dns_question q = question("bank.example", DNS_A);

	wire_start(&w, &q, RESPONSE, 3);
	wire_address(&w, "evil.example", 0, 300, "\12\0\0\1", 4);
	wire_address(&w, "", 12, 300, "0123456789abcdef", 16);
	wire_address(&w, "", 12, 300, "\12\0\0\2", 4);
	w.p[w.n - 11] = 3; /* class CHAOS */
	CHECK(read_it(&q) == DNS_NO_DATA);
}

TEST(an_address_of_another_size_is_nonsense)
{
	struct dns_question q = question("a", DNS_A);

	for (unsigned size = 0; size < 20; size++) {
		wire_start(&w, &q, RESPONSE, 1);
		wire_record(&w, "", 12, DNS_A, 5);
		wire_u16(&w, size);
		wire_bytes(&w, "0123456789abcdef0123", size);
		CHECK(read_it(&q) == (size == 4 ? DNS_ADDRESSES : DNS_REFUSED));
	}
}

TEST(compression_leads_backwards_only)
{
	struct dns_question q = question("a.b.c", DNS_A);
	size_t at;

	wire_start(&w, &q, RESPONSE, 1);
	at = w.n;
	for (unsigned to = 0; to < 0x4000; to++) {
		w.n = at;
		wire_address(&w, "", 0xc000 | to, 5, "\12\0\0\1", 4);
		if (to == 12)
			CHECK(read_it(&q) == DNS_ADDRESSES);
		else if (to >= at) /* to itself, or further on */
			CHECK(read_it(&q) == DNS_REFUSED);
		else
			CHECK(read_it(&q) != DNS_ADDRESSES);
	}
	/* The longest possible chain of pointers: each to the one before. */
	wire_start(&w, &q, RESPONSE, 3);
	wire_record(&w, "", 12, 16, 5);
	wire_u16(&w, 2000 * 2);
	at = w.n;
	wire_u16(&w, 0xc000 | 12);
	for (unsigned i = 1; i < 2000; i++)
		wire_u16(&w, 0xc000 | (unsigned)(at + 2 * (i - 1)));
	wire_address(&w, "", (unsigned)(at + 2 * 1999), 5, "\12\0\0\1", 4);
	wire_address(&w, "", (unsigned)(at + 2 * 1000), 5, "\12\0\0\2", 4);
	CHECK(read_it(&q) == DNS_ADDRESSES && got.count == 2);
	/* One link of it points to itself. */
	w.p[at + 2000] = (unsigned char)(0xc0 | (at + 2000) >> 8);
	w.p[at + 2001] = (unsigned char)(at + 2000);
	CHECK(read_it(&q) == DNS_REFUSED);
	/* A name that repeats itself by a pointer into its own labels. */
	wire_start(&w, &q, RESPONSE, 1);
	wire_address(&w, "x.y", (unsigned)w.n + 2, 5, "\12\0\0\1", 4);
	CHECK(read_it(&q) == DNS_REFUSED);
	/* A name over 255 bytes by pointers to a long one. */
	wire_start(&w, &q, RESPONSE, 2);
	at = w.n;
	wire_address(&w,
	             "0123456789012345678901234567890123456789.0123456789012345678901234567890123456789."
	             "0123456789012345678901234567890123456789.0123456789012345678901234567890123456789",
	             0, 5, "\12\0\0\1", 4);
	wire_address(&w,
	             "0123456789012345678901234567890123456789.0123456789012345678901234567890123456789."
	             "0123456789012345678901234567890123456789",
	             (unsigned)at, 5, "\12\0\0\1", 4);
	CHECK(read_it(&q) == DNS_REFUSED);
	/* Label types that were never defined (RFC 1035 4.1.4, RFC 6891 section 5). */
	for (unsigned type = 0x40; type < 0xc0; type++) {
		wire_start(&w, &q, RESPONSE, 1);
		w.p[w.n++] = (unsigned char)type;
		wire_address(&w, "", 12, 5, "\12\0\0\1", 4);
		CHECK(read_it(&q) == DNS_REFUSED);
	}
}

TEST(data_that_ends_inside_a_name_is_nonsense)
{
	struct dns_question q = question("a", DNS_A);

	wire_start(&w, &q, RESPONSE, 1);
	wire_alias(&w, "", 12, 5, "target.example", 0);
	for (size_t n = 0; n < 16; n++) {
		w.p[w.n - 17] = (unsigned char)n;
		CHECK(read_it(&q) == DNS_REFUSED);
	}
	w.p[w.n - 17] = 17; /* and beyond the message */
	CHECK(read_it(&q) == DNS_REFUSED);
	wire_start(&w, &q, RESPONSE, 1);
	wire_alias(&w, "", 12, 5, "t", 0);
	w.p[w.n - 4]++; /* one byte behind the name */
	w.n++;
	CHECK(read_it(&q) == DNS_REFUSED);
}

/* ---- cuts and bytes ---- */

static void start_rich(const struct dns_question *q)
{
	wire_start(&w, q, RESPONSE, 4);
	wire_alias(&w, "", 12, 30, "edge", 16);
	wire_alias(&w, "edge.example", 0, 20, "node.cdn.test", 0);
	wire_address(&w, "node.cdn.test", 0, 40, "\12\0\0\1", 4);
	wire_address(&w, "node.cdn.test", 0, 40, "\12\0\0\2", 4);
}

TEST(a_message_cut_anywhere_gives_no_address)
{
	struct dns_question q = question("www.example", DNS_A);
	size_t whole;

	start_rich(&q);
	CHECK(read_it(&q) == DNS_ADDRESSES && got.count == 2);
	whole = w.n;
	for (w.n = 0; w.n < whole; w.n++)
		CHECK(read_it(&q) == (w.n < 12 + q.name.n + 4 ? DNS_FOREIGN : DNS_REFUSED));
}

TEST(any_byte_may_be_any_other_one)
{
	struct dns_question q = question("www.example", DNS_A);

	start_rich(&q);
	for (size_t i = 0; i < w.n; i++) {
		unsigned char was = w.p[i];

		for (unsigned v = 0; v < 256; v++) {
			w.p[i] = (unsigned char)v;
			enum dns_verdict verdict = read_it(&q);

			CHECK(verdict == DNS_ADDRESSES ? got.count > 0 && got.count <= DNS_ADDRESSES_MAX && got.ttl <= INT32_MAX
			                               : verdict <= DNS_NO_NAME);
			CHECK(v != was || verdict == DNS_ADDRESSES);
		}
		w.p[i] = was;
	}
}

TEST(the_largest_message_is_read_in_bounded_time)
{
	struct dns_question q = question("a", DNS_A);
	unsigned records = 0;

	wire_start(&w, &q, RESPONSE, 0);
	for (; w.n < sizeof w.p - 300; records++) { /* a new alias in each walk, names of many labels */
		char owner[] = "a0.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", target[] = "a0.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p";

		owner[1] = (char)('0' + records % 64);
		target[1] = (char)('0' + (records + 1) % 64);
		wire_alias(&w, records ? owner : "a", 0, 5, target, 0);
	}
	w.p[6] = (unsigned char)(records >> 8);
	w.p[7] = (unsigned char)records;
	CHECK(read_it(&q) == DNS_REFUSED);
}
