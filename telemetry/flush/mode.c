// SPDX-License-Identifier: MIT
#include "flush/mode.h"

#include "settings.h"

static const char *const names[] = { "sync", "async", "finalize", "adaptive", "overlap" };

#define MODES (sizeof names / sizeof names[0])

bool mode_parse(str name, enum flush_mode *mode)
{
	for (size_t i = 0; i < MODES; i++)
		if (str_ieq(name, str_of(names[i]))) {
			*mode = (enum flush_mode)i;
			return true;
		}
	return false;
}

bool mode_defers(enum flush_mode mode)
{
	return mode > FLUSH_ASYNC;
}

str mode_name(enum flush_mode mode)
{
	return str_of(names[mode]);
}

enum flush_mode mode_setting(bool said)
{
	str name = setting("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE");
	enum flush_mode mode = FLUSH_ASYNC;

	if (name.n && !mode_parse(str_trim(name), &mode) && said)
		setting_warn(S("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE"), name,
		             "is none of sync, async, finalize, adaptive, overlap: async is used");
	return mode;
}
