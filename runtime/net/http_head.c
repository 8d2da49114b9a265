// SPDX-License-Identifier: MIT
#include "net/http.h"

#include "base/field.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * Of the next STRIDE bytes, how many are letters and hyphens, of which most names are made; and how many are no control bytes. Whatever ends such
 * a run is looked at by itself.
 */
#ifdef __SSE2__

#define STRIDE 16

static inline __attribute__((always_inline)) unsigned run(__m128i others)
{
	return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(others) | 1u << STRIDE);
}

static inline __attribute__((always_inline)) unsigned name_run(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p), hyphen = _mm_cmpeq_epi8(v, _mm_set1_epi8('-'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));

	letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
	return run(_mm_cmpeq_epi8(_mm_or_si128(letter, hyphen), _mm_setzero_si128()));
}

static inline __attribute__((always_inline)) unsigned text_run(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p), del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));

	return run(_mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(' ' - 1)), v), del));
}

#else

#define STRIDE 8
#define ONES (UINT64_MAX / 255)

/* Names are short: byte by byte. */
static unsigned name_run(const char *p)
{
	(void)p;
	return 0;
}

/* Bit 7 of each byte that ends the run: what a borrow does is above the lowest one, which is the one that counts. */
static unsigned text_run(const char *p)
{
	uint64_t v, del;

	memcpy(&v, p, sizeof v);
	del = v ^ ONES * 0x7f;
	v = (((v - ONES * ' ') & ~v) | ((del - ONES) & ~del)) & ONES << 7;
	return v ? (unsigned)__builtin_ctzll(v) / 8 : STRIDE;
}

#endif

static inline const char *find(const char *p, const char *end, char c)
{
#ifdef __SSE2__
	for (unsigned n; end - p >= STRIDE; p += STRIDE)
		if ((n = run(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8(c)))) < STRIDE)
			return p + n;
#endif
	while (p < end && *p != c)
		p++;
	return p;
}

static const char *name_end(const char *p, const char *end)
{
	while (p < end) {
		unsigned n = end - p >= STRIDE ? name_run(p) : 0;

		p += n;
		if (n < STRIDE && !field_name_char(*p++))
			return p - 1;
	}
	return p;
}

/* The first byte that is no text, which ends the line when the line is good. */
static const char *text_end(const char *p, const char *end)
{
	while (p < end) {
		unsigned n = end - p >= STRIDE ? text_run(p) : 0;

		p += n;
		if (n < STRIDE && !field_value_char(*p++))
			return p - 1;
	}
	return p;
}

/* Passes over the end of a line. */
static bool line_end(const char **p, const char *end)
{
	const char *at = *p;

	at += at < end && *at == '\r';
	if (at == end || *at != '\n')
		return false;
	*p = at + 1;
	return true;
}

/* The lines are good, or there would be no head: what ends name and value is all that is looked for. */
bool http_field_next(str *fields, str *name, str *value)
{
	const char *p = fields->p, *end = p + fields->n, *colon = find(p, end, ':'), *lf;

	if (colon == end)
		return false;
	lf = find(colon, end, '\n');
	*fields = lf < end ? (str){ lf + 1, (size_t)(end - lf - 1) } : (str){ end, 0 };
	*name = (str){ p, (size_t)(colon - p) };
	*value = str_trim((str){ colon + 1, (size_t)(lf - colon - 1 - (lf[-1] == '\r')) });
	return true;
}

/* HTTP/1.x SP 3DIGIT [SP reason] (RFC 9112 4); the space before an empty reason is often missing */
static bool status_line(str line, struct http_head *out)
{
	uint64_t status;

	if (line.n < 12 || (line.p[7] != '0' && line.p[7] != '1') || line.p[8] != ' ')
		return false;
	if (!str_u64((str){ line.p + 9, 3 }, 999, &status) || status < 100 || (line.n > 12 && line.p[12] != ' '))
		return false;
	out->status = (int)status;
	return true;
}

static void connection_options(str value, struct http_head *out)
{
	str option;

	while (value.n) {
		str_cut(value, ',', &option, &value);
		option = str_trim(option);
		out->close |= str_ieq(option, S("close"));
		out->keep_alive |= str_ieq(option, S("keep-alive"));
	}
}

/*
 * Two lengths that differ, a length beside chunked, and any coding but chunked each mean that we and the peer would disagree on where the
 * reply ends (RFC 9112 6.3).
 */
static bool framing_field(str name, str value, struct http_head *out)
{
	uint64_t length;

	if (name.n > sizeof "transfer-encoding" - 1) /* as most that Lambda sends */
		return true;
	if (str_ieq(name, S("content-length"))) {
		if (!str_u64(str_trim(value), INT64_MAX, &length) || (out->sized && length != out->length))
			return false;
		out->sized = true;
		out->length = length;
	} else if (str_ieq(name, S("transfer-encoding"))) {
		if (out->chunked || !str_ieq(str_trim(value), S("chunked")))
			return false;
		out->chunked = true;
	} else if (str_ieq(name, S("connection"))) {
		connection_options(str_trim(value), out);
	}
	return true;
}

/* Where the empty line ends, 0 when it is not there yet. A search resumes three bytes back: \r\n\r may have been seen. */
static size_t head_end(const char *p, size_t n, size_t seen)
{
	size_t i = seen > 3 ? seen - 3 : 0;

	while (i < n) {
		const char *lf = memchr(p + i, '\n', n - i);

		if (!lf)
			return 0;
		i = (size_t)(lf - p) + 1;
		if (i < n && p[i] == '\n')
			return i + 1;
		if (n - i >= 2 && p[i] == '\r' && p[i + 1] == '\n')
			return i + 2;
	}
	return 0;
}

/* The head's end; NULL when it is bad, or not all of it is there. */
static const char *read_lines(const char *p, const char *end, struct http_head *out)
{
	const char *at = text_end(p, end);

	if (!status_line((str){ p, (size_t)(at - p) }, out) || !line_end(&at, end))
		return NULL;
	out->fields.p = at;
	while (!line_end(&at, end)) {
		const char *name = at, *value;

		at = name_end(name, end);
		if (at == name || at == end || *at != ':')
			return NULL; /* a folded line starts with a space, which no name has */
		value = at + 1;
		at = text_end(value, end);
		if (!framing_field((str){ name, (size_t)(value - 1 - name) }, (str){ value, (size_t)(at - value) }, out) ||
		    !line_end(&at, end))
			return NULL;
		out->fields.n = (size_t)(at - out->fields.p);
	}
	return out->chunked && out->sized ? NULL : at;
}

int http_head_parse(const char *p, size_t n, size_t seen, struct http_head *out)
{
	static const str version = { "HTTP/1.", 7 };
	size_t most = n > HTTP_HEAD_MAX ? HTTP_HEAD_MAX : n, size = seen ? head_end(p, most, seen) : most;
	const char *end;

	*out = (struct http_head){ 0 };
	/* Who starts otherwise does not speak HTTP, and may never send the empty line that would let us say so. */
	if (!str_starts(version, (str){ p, n < version.n ? n : version.n }))
		return -1;
	/* A head that comes in one piece, as they do, is looked at once; what else fails waits for its end to be judged. */
	end = size ? read_lines(p, p + size, out) : NULL;
	if (!end) {
		if (seen ? size : head_end(p, most, 0))
			return -1;
		*out = (struct http_head){ 0 };
		return n >= HTTP_HEAD_MAX ? -1 : 0;
	}
	/* HTTP/1.0 ends with the reply unless told otherwise, and knows no chunked: what follows one is anybody's guess (RFC 9112 6.1, 9.3). */
	if (p[version.n] == '0' && (!out->keep_alive || out->chunked))
		out->close = true;
	return (int)(end - p);
}
