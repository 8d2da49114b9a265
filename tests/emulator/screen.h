// SPDX-License-Identifier: MIT
// What `emulator serve` shows: a line for each invocation, the function's log lines, notices. Each is one write.
#pragma once
#include "call.h"
#include "ink.h"

void screen_log(const struct ink_style *s, const char *text, size_t n); // a line of the function's
void screen_call(const struct ink_style *s, FILE *out, const struct call *call);
void screen_refused(const struct ink_style *s, const char *what, int status, const char *why);
void screen_note(const struct ink_style *s, enum ink ink, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
