// SPDX-License-Identifier: MIT
#include "otlp_fault.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum otlp_fault_kind kind;
	unsigned least, most; // of N; 0: takes none
	const char *help;
} kinds[] = {
	{ "refuse", OTLP_FAULT_REFUSE, 0, 0, "nobody listens on the port, for the whole run" },
	{ "silent", OTLP_FAULT_SILENT, 0, 0, "takes the request and never answers" },
	{ "slow", OTLP_FAULT_SLOW, 1, 600000, "answers after N milliseconds" },
	{ "status", OTLP_FAULT_STATUS, 100, 599, "answers with status N" },
	{ "close", OTLP_FAULT_CLOSE, 0, 0, "takes the request and closes the connection" },
	{ "reset", OTLP_FAULT_RESET, 0, 0, "takes the request and resets the connection" },
	{ "early", OTLP_FAULT_EARLY, 0, 0, "closes after the head, the body unread" },
	{ "garbage", OTLP_FAULT_GARBAGE, 0, 0, "answers with bytes that are not HTTP" },
	{ "partial", OTLP_FAULT_PARTIAL, 1, INT_MAX, "answers 200 and says that N spans were rejected" },
	{ "drip", OTLP_FAULT_DRIP, 0, 0, "answers one byte every 20 milliseconds" },
	{ "cut", OTLP_FAULT_CUT, 0, 0, "announces a body of 100 bytes, sends 10 and closes" },
	{ "endless", OTLP_FAULT_ENDLESS, 0, 0, "answers 200 with a body that does not end" },
	{ "chunked", OTLP_FAULT_CHUNKED, 0, 0, "a good answer in three chunks" },
	{ "goodbye", OTLP_FAULT_GOODBYE, 0, 0, "a good answer with Connection: close" },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static bool fail(char why[static 160], const char *text, const char *cause)
{
	snprintf(why, 160, "--otlp-fault %.60s: %s", text, cause);
	return false;
}

static bool number(const char **at, unsigned *out)
{
	char *end;
	unsigned long v;

	if (**at < '0' || **at > '9')
		return false;
	v = strtoul(*at, &end, 10);
	*at = end;
	*out = (unsigned)v;
	return v <= UINT_MAX;
}

bool otlp_fault_parse(struct otlp_faults *f, const char *text, char why[static 160])
{
	struct otlp_fault fault = { .first = 1, .last = UINT_MAX };
	size_t name = strcspn(text, ":@"), k = 0;
	const char *at = text + name;

	while (k < KINDS && (strlen(kinds[k].name) != name || strncmp(kinds[k].name, text, name) != 0))
		k++;
	if (k == KINDS)
		return fail(why, text, "no such kind; `emulator help faults` lists them");
	fault.kind = kinds[k].kind;
	if (kinds[k].most) {
		if (*at++ != ':' || !number(&at, &fault.n) || fault.n < kinds[k].least || fault.n > kinds[k].most)
			return fail(why, text, "needs a number behind a colon, within its range");
	}
	if (*at == '@') {
		at++;
		if (!number(&at, &fault.first) || !fault.first)
			return fail(why, text, "behind @ comes the number of a request, from 1");
		fault.last = fault.first;
		if (*at == '-') {
			at++;
			fault.last = UINT_MAX;
			if (*at && (!number(&at, &fault.last) || fault.last < fault.first))
				return fail(why, text, "behind the hyphen comes the last request, or nothing");
		}
	}
	if (*at)
		return fail(why, text, "something follows that does not belong there");
	if (f->n == OTLP_FAULTS)
		return fail(why, text, "16 rules are enough");
	f->at[f->n++] = fault;
	return true;
}

struct otlp_fault otlp_fault_for(const struct otlp_faults *f, unsigned request)
{
	for (size_t i = 0; f && i < f->n; i++)
		if (request >= f->at[i].first && request <= f->at[i].last)
			return f->at[i];
	return (struct otlp_fault){ OTLP_FAULT_NONE, 0, 0, 0 };
}

bool otlp_faults_refuse(const struct otlp_faults *f)
{
	for (size_t i = 0; f && i < f->n; i++)
		if (f->at[i].kind == OTLP_FAULT_REFUSE)
			return true;
	return false;
}

void otlp_fault_help(FILE *to)
{
	fputs("--otlp-fault KIND[:N][@FIRST[-[LAST]]], may be repeated; requests are counted from 1, the first rule that "
	      "covers\n"
	      "a request holds:\n",
	      to);
	for (size_t k = 0; k < KINDS; k++)
		fprintf(to, "  %-8s%s  %s\n", kinds[k].name, kinds[k].most ? ":N" : "  ", kinds[k].help);
}
