// SPDX-License-Identifier: MIT
#include "tls/pem.h"

#include <bearssl_pem.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct reading {
	const struct pem *pem;
	br_pem_decoder_context decoder;
	size_t n;
	bool inside, large;
};

static void append(void *to, const void *bytes, size_t n)
{
	struct reading *r = to;

	if (r->large || n > r->pem->cap - r->n) {
		r->large = true;
		return;
	}
	memcpy(r->pem->room + r->n, bytes, n);
	r->n += n;
}

static void start(struct reading *r, const struct pem *pem)
{
	*r = (struct reading){ .pem = pem };
	br_pem_decoder_init(&r->decoder);
}

/* BearSSL leaves the dashes on it when the line ends in CR LF. */
static str label_of(struct reading *r)
{
	str label = str_of(br_pem_decoder_name(&r->decoder));

	while (label.n && label.p[label.n - 1] == '-')
		label.n--;
	return label;
}

static enum pem_result event(struct reading *r)
{
	switch (br_pem_decoder_event(&r->decoder)) {
	case BR_PEM_BEGIN_OBJ:
		r->n = 0;
		r->inside = true;
		br_pem_decoder_setdest(&r->decoder, append, r);
		return PEM_OK;
	case BR_PEM_END_OBJ:
		r->inside = false;
		if (r->large)
			return PEM_LARGE;
		return r->pem->object(r->pem->to, label_of(r), (str){ (char *)r->pem->room, r->n }) ? PEM_OK : PEM_STOPPED;
	case BR_PEM_ERROR: return PEM_SYNTAX;
	}
	return PEM_OK;
}

static enum pem_result feed(struct reading *r, str text)
{
	enum pem_result result = PEM_OK;

	while (text.n && result == PEM_OK) {
		size_t taken = br_pem_decoder_push(&r->decoder, text.p, text.n);

		text = (str){ text.p + taken, text.n - taken };
		result = event(r);
	}
	return result;
}

/* The last line may have no end of its own. */
static enum pem_result finish(struct reading *r)
{
	enum pem_result result = feed(r, S("\n"));

	return result == PEM_OK && r->inside ? PEM_SYNTAX : result;
}

enum pem_result pem_read(const struct pem *p, str text)
{
	struct reading r;
	enum pem_result result;

	start(&r, p);
	result = feed(&r, text);
	return result == PEM_OK ? finish(&r) : result;
}

enum pem_result pem_read_file(const struct pem *p, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum pem_result result = PEM_OK;
	struct reading r;
	char piece[1024];

	if (fd < 0)
		return PEM_FILE;
	start(&r, p);
	while (result == PEM_OK) {
		ssize_t n = read(fd, piece, sizeof piece);

		if (n > 0)
			result = feed(&r, (str){ piece, (size_t)n });
		else if (!n)
			break;
		else if (errno != EINTR)
			result = PEM_FILE;
	}
	close(fd);
	if (result == PEM_OK)
		result = finish(&r);
	explicit_bzero(piece, sizeof piece); /* it may have been a key */
	explicit_bzero(&r, sizeof r);
	return result;
}
