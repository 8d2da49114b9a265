// SPDX-License-Identifier: MIT
// How the OTLP receiver misbehaves, by script: KIND[:N][@FIRST[-[LAST]]], requests counted from 1.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum otlp_fault_kind {
	OTLP_FAULT_NONE,
	OTLP_FAULT_REFUSE,  // nobody listens; for the whole run
	OTLP_FAULT_SILENT,  // never answers
	OTLP_FAULT_SLOW,    // answers after N ms
	OTLP_FAULT_STATUS,  // answers with status N
	OTLP_FAULT_CLOSE,   // takes the request, closes
	OTLP_FAULT_RESET,   // takes the request, resets
	OTLP_FAULT_EARLY,   // closes after the head, the body unread
	OTLP_FAULT_GARBAGE, // answers what is not HTTP
	OTLP_FAULT_PARTIAL, // 200, N spans rejected
	OTLP_FAULT_DRIP,    // a byte every 20 ms
	OTLP_FAULT_CUT,     // announces a body and closes in it
	OTLP_FAULT_ENDLESS, // a body that does not end
	OTLP_FAULT_CHUNKED, // a true answer in three chunks: not a lie, only unusual
	OTLP_FAULT_GOODBYE, // a true answer with Connection: close
};

struct otlp_fault {
	enum otlp_fault_kind kind;
	unsigned n, first, last;
};

enum { OTLP_FAULTS = 16 };

struct otlp_faults {
	struct otlp_fault at[OTLP_FAULTS];
	size_t n;
};

bool otlp_fault_parse(struct otlp_faults *f, const char *text, char why[static 160]);
struct otlp_fault otlp_fault_for(const struct otlp_faults *f, unsigned request); // the first rule that covers it
bool otlp_faults_refuse(const struct otlp_faults *f);
void otlp_fault_help(FILE *to);
