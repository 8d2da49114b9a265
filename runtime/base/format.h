// SPDX-License-Identifier: MIT
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * vsnprintf(3), C11 7.21.6.1, without its NUL: writes at most size bytes to out and returns how many the whole text has.
 * All conversions but %n, which writes nothing. A long double is printed as a double, and %m as the number in errno.
 *
 * Own, because musl's brings 14 kB into every binary: a third of the smallest one.
 */
size_t format_text(char *out, size_t size, const char *format, va_list args);
