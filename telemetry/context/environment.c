// SPDX-License-Identifier: MIT
#include "context/carrier.h"

#include <unistd.h>

/* Names become variables by the letters in upper case and anything but letters and digits as an underscore. */
static bool matches(const char *variable, str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!(c >= '0' && c <= '9'))
			c = '_';
		if (variable[i] != c)
			return false;
	}
	return variable[name.n] == '=';
}

static bool get(const struct carrier *carrier, str name, size_t nth, str *value)
{
	(void)carrier;
	for (char **entry = environ; nth == 0 && entry && *entry; entry++) {
		if (matches(*entry, name)) {
			*value = str_of(*entry + name.n + 1);
			return value->n > 0;
		}
	}
	return false;
}

const struct carrier environment_carrier = { get };
