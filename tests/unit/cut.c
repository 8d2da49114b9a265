// SPDX-License-Identifier: MIT
#include "test.h"

#include "export/cut.h"
#include "export/envelope.h"

#include <string.h>

/* Two scopes; names of 1 to 5 bytes. */
static const struct resource resource = { .resource = { "\x0a\x00", 2 }, .url = { "\x1a\x01u", 3 } };
static struct signal_items items = {
	.scope_count = 2,
	.count = 5,
	.scopes = { { .head = { "\x0a\x00", 2 },
	              .items = { "\x12\x03\x2a\x01"
	                         "a"
	                         "\x12\x04\x2a\x02"
	                         "bb"
	                         "\x12\x05\x2a\x03"
	                         "ccc",
	                         18 } },
	            { .head = { "\x0a\x02\x0a\x00", 4 },
	              .items = { "\x12\x06\x2a\x04"
	                         "dddd"
	                         "\x12\x07\x2a\x05"
	                         "eeeee",
	                         17 } } },
};
static const struct batch batch = { .signal = SIGNAL_TRACES, .resource = &resource, .items = &items };

static bool is_in_second(const char *p)
{
	str all = items.scopes[1].items;

	return p >= all.p && p < all.p + all.n;
}

TEST(runs_hold_every_item_once_in_order_and_are_as_full_as_may_be)
{
	for (size_t most = 0; most < 80; most++) {
		struct cut cut = { .batch = &batch, .most = most };
		char all[64];
		size_t n = 0, count = 0;

		while (cut_next(&cut)) {
			struct envelope e;

			envelope_make(&e, &resource, &cut.run);
			CHECK(cut.run.count && (cut.too_large ? cut.run.count == 1 : e.n - cut_around(&batch) <= most));
			for (size_t i = 0; i < cut.run.scope_count; i++) {
				memcpy(all + n, cut.run.scopes[i].items.p, cut.run.scopes[i].items.n);
				n += cut.run.scopes[i].items.n;
				CHECK(cut.run.scopes[i].head.n == (is_in_second(cut.run.scopes[i].items.p) ? 4 : 2));
			}
			count += cut.run.count;
		}
		CHECK(count == 5 && n == 35);
		CHECK(!memcmp(all, items.scopes[0].items.p, 18) && !memcmp(all + 18, items.scopes[1].items.p, 17));
		CHECK(!cut_next(&cut));
	}
}

TEST(what_fits_as_a_whole_is_one_run)
{
	struct cut cut = { .batch = &batch, .most = 18 + 17 + 2 + 4 + 2 * ENVELOPE_HEAD_MAX };

	CHECK(cut_next(&cut) && cut.run.count == 5 && cut.run.scope_count == 2 && !cut.too_large && !cut_next(&cut));
}

TEST(a_metric_counts_its_points)
{
	CHECK(cut_count(SIGNAL_TRACES, S("\x12\x00")) == 1 && cut_count(SIGNAL_LOGS, S("\x12\x00")) == 1);
	CHECK(cut_count(SIGNAL_METRICS, S("\x12\x03\x0a\x01m")) == 0);
	CHECK(cut_count(SIGNAL_METRICS, S("\x12\x0b\x0a\x01m\x3a\x06\x0a\x00\x10\x01\x0a\x00")) == 2);
}
