// SPDX-License-Identifier: MIT
#include "tls/tls.h"

#include "base/clock.h"
#include "base/late.h"
#include "tls/slot.h"

#include <string.h>
#include <sys/random.h>

struct tls_slot tls_slots[TLS_SLOTS] LATE;
struct tls_counts tls_counts;

static struct tls_slot *slot_of(const struct stream *s)
{
	return s->layer_state;
}

static br_ssl_engine_context *engine_of(const struct stream *s)
{
	return &slot_of(s)->client.eng;
}

/* ---- records, below ---- */

/* What waits to be sent. A record of which only the beginning left is the end of what can be sent: there is no farewell then. */
static enum err send_records(struct stream *s, int64_t deadline)
{
	br_ssl_engine_context *e = engine_of(s);
	enum err failed = slot_of(s)->cut ? ERR_CLOSED : OK;
	unsigned char *record;
	size_t n;

	while (failed == OK && (record = br_ssl_engine_sendrec_buf(e, &n))) {
		if ((failed = stream_push_rest(s, (str){ (char *)record, n }, deadline)) == OK)
			br_ssl_engine_sendrec_ack(e, n);
		else
			slot_of(s)->cut = true;
	}
	return failed;
}

/* A piece of a record. The end of the connection without the peer's close_notify may be anybody's doing, so it is no orderly end. */
static enum err receive_records(struct stream *s, int64_t deadline)
{
	struct stream below = { .fd = s->fd };
	size_t n, got;
	unsigned char *room = br_ssl_engine_recvrec_buf(engine_of(s), &n);
	enum err failed = stream_read(&below, room, n, deadline, &got);

	if (failed == OK && !got)
		failed = ERR_CLOSED;
	if (failed == OK)
		br_ssl_engine_recvrec_ack(engine_of(s), got);
	return failed;
}

/* The engine does not go on: never to be used again, nor is its session (RFC 5246 7.2.2). */
static enum err broken(struct stream *s, bool in_handshake)
{
	slot_of(s)->session = false;
	slot_of(s)->cut = true;
	return tls_explain_failure(slot_of(s), in_handshake);
}

/* ---- the layer ---- */

static enum err layer_read(struct stream *s, void *p, size_t n, int64_t deadline, size_t *got)
{
	br_ssl_engine_context *e = engine_of(s);

	slot_of(s)->sealed = false;
	for (;;) {
		unsigned state = br_ssl_engine_current_state(e);
		enum err failed;

		if (state & BR_SSL_RECVAPP) {
			size_t there;
			const unsigned char *data = br_ssl_engine_recvapp_buf(e, &there);

			*got = there < n ? there : n;
			memcpy(p, data, *got);
			br_ssl_engine_recvapp_ack(e, *got);
			return OK;
		}
		if (state & BR_SSL_CLOSED && br_ssl_engine_last_error(e))
			return broken(s, false);
		if (!(state & BR_SSL_RECVREC))
			return OK; /* close_notify, which the engine answers by itself when there is room */
		if (state & BR_SSL_SENDREC && !slot_of(s)->cut && (failed = send_records(s, deadline)) != OK)
			return failed;
		if ((failed = receive_records(s, deadline)) != OK)
			return failed;
	}
}

/* As much of iov as the record that is being made has room for. */
static void fill_record(br_ssl_engine_context *e, struct iovec **iov, int *count)
{
	unsigned char *to;
	size_t room;

	while (*count && (to = br_ssl_engine_sendapp_buf(e, &room))) {
		size_t n = (*iov)->iov_len < room ? (*iov)->iov_len : room;

		if (n) {
			memcpy(to, (*iov)->iov_base, n);
			br_ssl_engine_sendapp_ack(e, n);
		}
		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		if (!((*iov)->iov_len -= n)) {
			(*iov)++;
			(*count)--;
		}
	}
}

static enum err layer_write(struct stream *s, struct iovec *iov, int count, int64_t deadline)
{
	br_ssl_engine_context *e = engine_of(s);
	enum err failed;

	do {
		if (!(br_ssl_engine_current_state(e) & (BR_SSL_SENDAPP | BR_SSL_SENDREC)))
			return ERR_CLOSED;
		fill_record(e, &iov, &count);
		if (!count)
			br_ssl_engine_flush(e, 0);
		if ((failed = send_records(s, deadline)) != OK)
			return failed;
	} while (count);
	return OK;
}

static bool layer_stale(const struct stream *s)
{
	unsigned state = br_ssl_engine_current_state(engine_of(s));

	return slot_of(s)->cut || slot_of(s)->sealed || state != (BR_SSL_SENDAPP | BR_SSL_RECVREC);
}

/* close_notify, when it can leave at once: a peer that takes nothing is not waited for. */
static void layer_close(struct stream *s)
{
	struct tls_slot *t = slot_of(s);
	unsigned char *record;
	size_t n;

	if (t->cut || t->sealed || s->fd < 0)
		return;
	br_ssl_engine_close(&t->client.eng);
	while ((record = br_ssl_engine_sendrec_buf(&t->client.eng, &n))) {
		str left = { (char *)record, n };

		if (stream_push(s, &left) != OK || left.n)
			break;
		br_ssl_engine_sendrec_ack(&t->client.eng, n);
	}
}

static const struct stream_layer layer = {
	.read = layer_read,
	.write = layer_write,
	.stale = layer_stale,
	.close = layer_close,
};

/* ---- the handshake ---- */

static bool is_address(str host)
{
	struct addr a;

	return addr_literal(host, 1, &a) || !host.n || host.p[0] == '[';
}

enum err tls_configure(unsigned slot, const struct tls_settings *settings)
{
	struct tls_slot *t = &tls_slots[slot];
	str host = settings->host;

	t->configured = t->session = false;
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--; /* a name that ends at the root is written without that in certificates */
	if (is_address(host) || host.n > TLS_HOST_MAX) {
		struct buf *b = tls_explain(t);

		buf_put(b, S("https to an address: a certificate is checked by name; use the host's name in the URL"));
		return ERR_CERTIFICATE;
	}
	memcpy(t->host, host.p, host.n);
	t->host[host.n] = 0;
	tls_roots_reset(&t->roots);
	if (!tls_roots_add(t, settings->roots[0]) || !tls_roots_add(t, settings->roots[1]) ||
	    !tls_identity_read(t, settings->certificate, settings->key))
		return ERR_CERTIFICATE;
	tls_profile(t);
	t->configured = true;
	return OK;
}

/* What a fork or a restored snapshot shares with another process is made different by this, for each handshake. */
static bool add_randomness(br_ssl_engine_context *e)
{
	unsigned char seed[32];
	bool good = getrandom(seed, sizeof seed, 0) == sizeof seed;

	if (good)
		br_ssl_engine_inject_entropy(e, seed, sizeof seed);
	explicit_bzero(seed, sizeof seed);
	return good;
}

static void set_time(br_x509_minimal_context *x)
{
	int64_t now = clock_wall_ns() / 1000000000;

	/* 1970-01-01 is day 719528 of the year 0, which dates are counted from. */
	br_x509_minimal_set_time(x, (uint32_t)(now / 86400) + 719528, (uint32_t)(now % 86400));
}

static enum err shake_hands(struct stream *s, int64_t deadline)
{
	for (;;) {
		unsigned state = br_ssl_engine_current_state(engine_of(s));
		enum err failed;

		if (state & BR_SSL_CLOSED)
			return broken(s, true);
		if (state & BR_SSL_SENDREC && !slot_of(s)->cut) {
			failed = send_records(s, deadline);
			if (failed == ERR_CLOSED)
				failed = OK; /* a peer that takes no more may have said why */
		} else if (state & BR_SSL_SENDAPP) {
			return OK;
		} else {
			failed = receive_records(s, deadline);
		}
		if (failed != OK)
			return failed;
	}
}

static void count_handshake(struct tls_slot *t, const br_ssl_session_parameters *before)
{
	br_ssl_session_parameters now;

	br_ssl_engine_get_session_parameters(&t->client.eng, &now);
	if (before->session_id_len && before->session_id_len == now.session_id_len &&
	    !memcmp(before->session_id, now.session_id, now.session_id_len))
		tls_counts.resumed++;
	else
		tls_counts.full++;
	t->session = now.session_id_len > 0;
	explicit_bzero(&now, sizeof now);
}

static enum err start(struct stream *s, struct tls_slot *t, int64_t deadline)
{
	br_ssl_session_parameters before = { .session_id_len = 0 };
	enum err failed;

	if (t->session)
		br_ssl_engine_get_session_parameters(&t->client.eng, &before);
	t->cut = t->sealed = false;
	set_time(&t->x509);
	if (!add_randomness(&t->client.eng) || !br_ssl_client_reset(&t->client, t->host, t->session)) {
		failed = broken(s, true);
	} else if ((failed = shake_hands(s, deadline)) == OK) {
		count_handshake(t, &before);
	}
	explicit_bzero(&before, sizeof before);
	return failed;
}

enum err tls_start(struct stream *s, unsigned slot, int64_t deadline)
{
	struct tls_slot *t = &tls_slots[slot];
	enum err failed;

	s->layer = &layer;
	s->layer_state = t;
	if (t->configured)
		tls_explain(t); /* what tls_configure() said stays */
	failed = t->configured ? start(s, t, deadline) : ERR_TLS;
	if (failed == OK)
		return OK;
	if (failed == ERR_CLOSED || failed == ERR_TIMEOUT)
		tls_explain_end(t, failed);
	tls_counts.failed++;
	t->session = false;
	t->cut = true; /* no farewell to whom nothing was said */
	stream_close(s);
	return failed;
}

str tls_problem(unsigned slot)
{
	return buf_str(&tls_slots[slot].problem);
}

void tls_forget(void)
{
	for (int i = 0; i < TLS_SLOTS; i++)
		if (tls_slots[i].configured) {
			tls_slots[i].configured = tls_slots[i].session = false;
			explicit_bzero(&tls_slots[i].client, sizeof tls_slots[i].client);
		}
}

/* ---- encrypted now, sent later ---- */

#define RECORD_BYTES 16384
#define RECORD_OVERHEAD 29 /* header 5, explicit nonce 8 (ChaCha20 has none), tag 16 */

size_t tls_sealed_bytes(size_t n)
{
	return n + (n / RECORD_BYTES + 1) * RECORD_OVERHEAD;
}

static void drain(br_ssl_engine_context *e, struct buf *out)
{
	const unsigned char *record;
	size_t n;

	while ((record = br_ssl_engine_sendrec_buf(e, &n))) {
		buf_put(out, (str){ (const char *)record, n });
		br_ssl_engine_sendrec_ack(e, n);
	}
}

bool tls_seal(struct stream *s, const struct iovec *iov, int count, struct buf *out)
{
	br_ssl_engine_context *e = engine_of(s);
	size_t n = 0;

	for (int i = 0; i < count; i++)
		n += iov[i].iov_len;
	if (out->full || layer_stale(s) || tls_sealed_bytes(n) > out->cap - out->n)
		return false;
	for (; count; iov++, count--) {
		struct iovec piece = *iov, *at = &piece;

		for (int left = 1; left; drain(e, out))
			fill_record(e, &at, &left);
	}
	br_ssl_engine_flush(e, 0);
	drain(e, out);
	slot_of(s)->sealed = true;
	return true;
}
