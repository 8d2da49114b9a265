// SPDX-License-Identifier: MIT
#include "base/format.h"

#include "base/decimal.h"
#include "base/utf8.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* One conversion specification, %[flags][width][.precision][length]conversion, and where its text goes. */
struct spec {
	char *out;
	size_t size, n;
	bool left, plus, space, sharp, zero;
	int width, precision; /* precision -1: not given */
	int length;   /* how many times h (negative) or l; 'j', 'z', 't' and L are 'll' here: all are 64 bits wide */
	char sign[4]; /* sign, 0x or both, in front of any zeros */
};

static void put(struct spec *s, const char *p, size_t n)
{
	if (s->n < s->size)
		memcpy(s->out + s->n, p, n < s->size - s->n ? n : s->size - s->n);
	s->n += n;
}

static void fill(struct spec *s, char c, int n)
{
	for (; n > 0; n--)
		put(s, &c, 1);
}

/* The sign, zeros up to the width if they were asked for, and whatever follows is size bytes long. Returns the spaces for behind. */
static int begin(struct spec *s, size_t size)
{
	size_t all = size + strlen(s->sign);
	int pad = all < (size_t)s->width ? s->width - (int)all : 0;

	if (!s->left && !s->zero)
		fill(s, ' ', pad);
	put(s, s->sign, strlen(s->sign));
	if (!s->left && s->zero)
		fill(s, '0', pad);
	return s->left ? pad : 0;
}

static void whole(struct spec *s, const char *p, size_t n)
{
	int behind = begin(s, n);

	put(s, p, n);
	fill(s, ' ', behind);
}

/* ---- whole numbers ---- */

static void put_sign(struct spec *s, bool negative)
{
	s->sign[0] = negative ? '-' : s->plus ? '+' : s->space ? ' ' : 0;
}

static void integer(struct spec *s, uint64_t v, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[22], *end = text + sizeof text, *p = end; /* 2^64 in base 8 has 22 digits */
	int zeros, behind;

	for (uint64_t left = v; left; left /= base)
		*--p = digits[left % base];
	if (p == end && s->precision != 0)
		*--p = '0';
	s->zero = s->zero && s->precision < 0;
	if (s->sharp && base == 16 && v)
		memcpy(s->sign, upper ? "0X" : "0x", 2);
	if (s->sharp && base == 8 && s->precision <= end - p && (p == end || *p != '0'))
		s->precision = (int)(end - p) + 1;
	zeros = s->precision > end - p ? s->precision - (int)(end - p) : 0;
	behind = begin(s, (size_t)zeros + (size_t)(end - p));
	fill(s, '0', zeros);
	put(s, p, (size_t)(end - p));
	fill(s, ' ', behind);
}

static int64_t signed_arg(const struct spec *s, va_list *args)
{
	int64_t v = s->length > 0 ? va_arg(*args, long long) : va_arg(*args, int);

	return s->length == -1 ? (short)v : s->length < -1 ? (signed char)v : v;
}

static uint64_t unsigned_arg(const struct spec *s, va_list *args)
{
	uint64_t v = s->length > 0 ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned);

	return s->length == -1 ? (unsigned short)v : s->length < -1 ? (unsigned char)v : v;
}

/* ---- doubles ---- */

static char digit(const struct decimal *d, int i)
{
	return i >= 0 && i < d->n ? d->digits[i] : '0';
}

/* 123.456: places behind the point, which stands there when places are or # was given. */
static void fixed(struct spec *s, const struct decimal *d, int places)
{
	int before = d->point > 0 ? d->point : 1, behind;

	behind = begin(s, (size_t)before + (size_t)(places || s->sharp) + (size_t)places);
	for (int i = d->point - before; i < d->point; i++)
		put(s, &(char){ digit(d, i) }, 1);
	if (places || s->sharp)
		put(s, ".", 1);
	for (int i = 0; i < places; i++)
		put(s, &(char){ digit(d, d->point + i) }, 1);
	fill(s, ' ', behind);
}

/* e+05, p-3: at least so many digits */
static size_t exponent(char out[8], char letter, int e, int least)
{
	size_t n = 2;
	char text[6], *p = text + sizeof text;

	out[0] = letter;
	out[1] = e < 0 ? '-' : '+';
	for (e = e < 0 ? -e : e; e || least > 0; e /= 10, least--)
		*--p = (char)('0' + e % 10);
	memcpy(out + n, p, (size_t)(text + sizeof text - p));
	return n + (size_t)(text + sizeof text - p);
}

static void scientific(struct spec *s, const struct decimal *d, int places, char letter)
{
	char tail[8];
	size_t n = exponent(tail, letter, d->n ? d->point - 1 : 0, 2);
	int behind = begin(s, 1 + (size_t)(places || s->sharp) + (size_t)places + n);

	put(s, &(char){ digit(d, 0) }, 1);
	if (places || s->sharp)
		put(s, ".", 1);
	for (int i = 1; i <= places; i++)
		put(s, &(char){ digit(d, i) }, 1);
	put(s, tail, n);
	fill(s, ' ', behind);
}

/* %g: so many significant digits, in the shorter of the two forms, without zeros at the end unless # was given. */
static void general(struct spec *s, struct decimal *d, char letter)
{
	int significant = s->precision ? s->precision : 1, e, places;

	decimal_round(d, significant);
	e = d->n ? d->point - 1 : 0;
	places = s->sharp ? significant : d->n ? d->n : 1;
	if (e < -4 || e >= significant)
		scientific(s, d, places - 1, letter);
	else
		fixed(s, d, places > e + 1 ? places - e - 1 : 0);
}

static void hexadecimal(struct spec *s, double v, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int places = s->precision < 0 ? 13 : s->precision, e, behind;
	uint64_t bits, f;
	char tail[8];
	size_t n;

	memcpy(&bits, &v, sizeof bits);
	e = (int)(bits >> 52 & 0x7ff);
	f = (bits & ((UINT64_C(1) << 52) - 1)) | (uint64_t)(e > 0) << 52;
	e = f ? (e ? e : 1) - 1023 : 0;
	for (; f && !(f >> 52); e--)
		f <<= 1;
	if (places < 13) {
		int drop = 4 * (13 - places);

		f += (UINT64_C(1) << (drop - 1)) - 1 + (f >> drop & 1); /* a tie to the even digit */
		f = f >> drop << drop;
	}
	while (s->precision < 0 && places > 0 && !(f >> (52 - 4 * places) & 15))
		places--;
	memcpy(s->sign + strlen(s->sign), upper ? "0X" : "0x", 3);
	n = exponent(tail, upper ? 'P' : 'p', e, 1);
	behind = begin(s, 1 + (size_t)(places || s->sharp) + (size_t)places + n);
	put(s, &digits[f >> 52], 1);
	if (places || s->sharp)
		put(s, ".", 1);
	for (int i = 1; i <= places; i++)
		put(s, i <= 13 ? &digits[f >> (52 - 4 * i) & 15] : "0", 1);
	put(s, tail, n);
	fill(s, ' ', behind);
}

static void number(struct spec *s, double v, char conversion)
{
	bool upper = conversion < 'a';
	struct decimal d;

	put_sign(s, signbit(v));
	if (!isfinite(v)) {
		s->zero = false;
		whole(s, isnan(v) ? upper ? "NAN" : "nan" : upper ? "INF" : "inf", 3);
		return;
	}
	conversion |= 0x20;
	if (conversion == 'a') {
		hexadecimal(s, v, upper);
		return;
	}
	if (s->precision < 0)
		s->precision = 6;
	decimal_set(&d, v);
	if (conversion == 'g') {
		general(s, &d, upper ? 'E' : 'e');
	} else if (conversion == 'e') {
		decimal_round(&d, s->precision < DECIMAL_DIGITS_MAX ? s->precision + 1 : s->precision);
		scientific(s, &d, s->precision, upper ? 'E' : 'e');
	} else {
		decimal_round(&d, s->precision < INT_MAX / 2 ? d.point + s->precision : s->precision);
		fixed(s, &d, s->precision);
	}
}

/* ---- text ---- */

static void text(struct spec *s, const char *p)
{
	size_t n;

	if (!p)
		p = "(null)";
	n = s->precision < 0 ? strlen(p) : strnlen(p, (size_t)s->precision);
	s->zero = false;
	whole(s, p, n);
}

/* Wide characters are code points here, as in musl. The precision counts bytes, and no character is cut. */
static void wide_text(struct spec *s, const wchar_t *p)
{
	size_t most = s->precision < 0 ? SIZE_MAX : (size_t)s->precision, n = 0, count = 0, behind;
	char utf8[4];

	for (; p && p[count]; count++) {
		size_t one = utf8_put(utf8, (uint32_t)p[count]);

		if (one > most - n)
			break;
		n += one;
	}
	s->zero = false;
	behind = (size_t)begin(s, n);
	for (size_t i = 0; i < count; i++)
		put(s, utf8, utf8_put(utf8, (uint32_t)p[i]));
	fill(s, ' ', (int)behind);
}

/* ---- the format ---- */

static int small(const char **f, va_list *args)
{
	int v = 0;

	if (**f == '*') {
		++*f;
		return va_arg(*args, int);
	}
	for (; **f >= '0' && **f <= '9'; ++*f)
		v = v > INT_MAX / 20 ? v : v * 10 + (**f - '0');
	return v;
}

static const char *read_spec(struct spec *s, const char *f, va_list *args)
{
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '+')
			s->plus = true;
		else if (*f == ' ')
			s->space = true;
		else if (*f == '#')
			s->sharp = true;
		else if (*f == '0')
			s->zero = true;
		else
			break;
	}
	s->width = small(&f, args);
	if (s->width < 0) {
		s->left = true;
		s->width = s->width < -INT_MAX ? INT_MAX : -s->width;
	}
	s->precision = -1;
	if (*f == '.') {
		f++;
		s->precision = small(&f, args);
		if (s->precision < 0)
			s->precision = -1;
	}
	for (; *f == 'h' || *f == 'l' || *f == 'j' || *f == 'z' || *f == 't' || *f == 'L'; f++)
		s->length += *f == 'h' ? -1 : *f == 'L' ? 2 : 1;
	return f;
}

#if LDBL_MANT_DIG == 113 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* libgcc's own conversion is a kilobyte of software arithmetic; here what is too small for a double is 0. */
static double narrow(long double v)
{
	uint64_t half[2], bits;
	double d;
	int exponent;

	memcpy(half, &v, sizeof half);
	exponent = (int)(half[1] >> 48 & 0x7fff) - 16383;
	bits = (half[1] & (UINT64_MAX >> 16)) << 4 | half[0] >> 60;
	if (exponent == 16384)
		bits = UINT64_C(0x7ff) << 52 | (bits || half[0] ? UINT64_C(1) << 51 : 0);
	else if (exponent > 1023)
		bits = UINT64_C(0x7ff) << 52;
	else if (exponent < -1022)
		bits = 0;
	else
		bits = ((uint64_t)(exponent + 1023) << 52 | bits) + (half[0] >> 59 & 1);
	bits |= half[1] & UINT64_C(1) << 63;
	memcpy(&d, &bits, sizeof d);
	return d;
}

#else

static double narrow(long double v)
{
	return (double)v;
}

#endif

static void convert(struct spec *s, char conversion, va_list *args)
{
	switch (conversion) {
	case 'd':
	case 'i': {
		int64_t v = signed_arg(s, args);

		put_sign(s, v < 0);
		integer(s, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, false);
		break;
	}
	case 'u': integer(s, unsigned_arg(s, args), 10, false); break;
	case 'o': integer(s, unsigned_arg(s, args), 8, false); break;
	case 'x': integer(s, unsigned_arg(s, args), 16, false); break;
	case 'X': integer(s, unsigned_arg(s, args), 16, true); break;
	case 'm': integer(s, (uint64_t)errno, 10, false); break;
	case 'p':
		s->sharp = true;
		integer(s, (uint64_t)(uintptr_t)va_arg(*args, void *), 16, false);
		break;
	case 'c':
		s->zero = false;
		if (s->length > 0)
			wide_text(s, (wchar_t[]){ (wchar_t)va_arg(*args, wint_t), 0 });
		else
			whole(s, &(char){ (char)va_arg(*args, int) }, 1);
		break;
	case 's':
		if (s->length > 0)
			wide_text(s, va_arg(*args, const wchar_t *));
		else
			text(s, va_arg(*args, const char *));
		break;
	case 'n': (void)va_arg(*args, void *); break;
	case '%': put(s, "%", 1); break;
	default:  number(s, s->length >= 2 ? narrow(va_arg(*args, long double)) : va_arg(*args, double), conversion); break;
	}
}

size_t format_text(char *out, size_t size, const char *format, va_list args)
{
	struct spec s = { .out = out, .size = size };
	va_list copy; /* where va_list is an array, a parameter of that type has no usable address */

	va_copy(copy, args);
	for (;;) {
		const char *percent = strchr(format, '%');
		size_t n = percent ? (size_t)(percent - format) : strlen(format);

		put(&s, format, n);
		if (!percent)
			break;
		s = (struct spec){ .out = s.out, .size = s.size, .n = s.n };
		format = read_spec(&s, percent + 1, &copy);
		if (!*format || !strchr("diuoxXmpcsn%aAeEfFgG", *format))
			break; /* not a conversion: the compiler has warned, and the arguments cannot be told apart any more */
		convert(&s, *format++, &copy);
	}
	va_end(copy);
	return s.n;
}
