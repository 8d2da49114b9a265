// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * PEM (RFC 7468): text around and between objects is passed over. Objects are given out one by one as they end, in room of the caller's.
 */
enum pem_result {
	PEM_OK,
	PEM_FILE,    /* the file cannot be read */
	PEM_SYNTAX,  /* an object is damaged or does not end */
	PEM_LARGE,   /* an object is over cap */
	PEM_STOPPED, /* object() did not want more */
};

struct pem {
	unsigned char *room; /* for one object */
	size_t cap;
	bool (*object)(void *to, str label, str der); /* label: CERTIFICATE; der lives until it returns. False: stop */
	void *to;
};

enum pem_result pem_read(const struct pem *p, str text);
enum pem_result pem_read_file(const struct pem *p, const char *path); /* of any size, piece by piece */
