// SPDX-License-Identifier: MIT
#include "net/stream.h"

#include "base/clock.h"

#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/time.h>

#define MS INT64_C(1000000)
#define LONG (20000 * MS)
#define PLENTY (6 << 20) /* more than the buffers of both ends hold */

static char plenty[PLENTY];

static int64_t in(int64_t ns)
{
	return clock_mono_ns() + ns;
}

static enum err write_all(struct stream *s, str bytes, int64_t deadline)
{
	struct iovec iov = { (void *)(uintptr_t)bytes.p, bytes.n };

	return stream_write(s, &iov, 1, deadline);
}

static enum err read_some(struct stream *s, str *got, int64_t deadline)
{
	static char room[256];
	size_t n = 0;
	enum err e = stream_read(s, room, sizeof room, deadline, &n);

	*got = (str){ room, n };
	return e;
}

TEST(bytes_go_both_ways_over_ipv4_and_ipv6_blocking_or_not)
{
	static const struct act acts[] = SCRIPT(ACCEPT, EXPECT("ping"), SEND("pong"), END_OF_STREAM);
	static const int families[] = { AF_INET, AF_INET6 };

	for (int i = 0; i < 4; i++) {
		struct peer p = peer_start(families[i % 2], acts);
		int64_t deadline = i / 2 ? STREAM_FOREVER : in(LONG);
		struct stream s = { .fd = -1 };
		str got;

		CHECK(stream_connect(&s, &p.addr, deadline) == OK && s.fd >= 0);
		CHECK(!!(fcntl(s.fd, F_GETFL) & O_NONBLOCK) == (deadline != STREAM_FOREVER));
		CHECK(fcntl(s.fd, F_GETFD) & FD_CLOEXEC);
		CHECK(write_all(&s, S("ping"), deadline) == OK);
		CHECK(read_some(&s, &got, deadline) == OK && str_eq(got, S("pong")));
		stream_close(&s);
		CHECK(s.fd == -1);
		stream_close(&s); /* twice is once */
		CHECK(peer_end(&p) == 0);
	}
}

TEST(a_port_where_nobody_listens_is_an_error_and_leaks_no_descriptor)
{
	struct addr nobody;
	int probe = open("/dev/null", O_RDONLY), listener = peer_listen(AF_INET, &nobody), again;
	struct stream s = { .fd = -1 };

	close(listener);
	CHECK(stream_connect(&s, &nobody, STREAM_FOREVER) == ERR_CONNECT && s.fd == -1);
	CHECK(stream_connect(&s, &nobody, in(LONG)) == ERR_CONNECT && s.fd == -1);
	close(probe);
	again = open("/dev/null", O_RDONLY);
	CHECK(again == probe);
	close(again);
}

TEST(a_connection_that_takes_too_long_is_a_timeout)
{
	struct addr full;
	int listener = peer_listen(AF_INET, &full), fd[8];
	struct stream s = { .fd = -1 };
	enum err e = OK;

	/* A queue of one that nobody empties: after a few connections the kernel answers no more. */
	listen(listener, 0);
	for (int i = 0; i < 8; i++) {
		if (e == OK)
			e = stream_connect(&s, &full, in(100 * MS));
		fd[i] = e == OK ? s.fd : -1;
	}
	CHECK(e == ERR_TIMEOUT && s.fd == -1);
	for (int i = 0; i < 8; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	close(listener);
}

TEST(the_end_of_the_peer_is_zero_bytes_and_its_reset_is_closed)
{
	static const struct act orderly[] = SCRIPT(ACCEPT, SEND("bye"), CLOSE);
	static const struct act reset[] = SCRIPT(ACCEPT, EXPECT("x"), RESET);
	struct peer p = peer_start(AF_INET, orderly);
	struct stream s = { .fd = -1 };
	str got;

	CHECK(stream_connect(&s, &p.addr, STREAM_FOREVER) == OK);
	CHECK(read_some(&s, &got, STREAM_FOREVER) == OK && str_eq(got, S("bye")));
	CHECK(read_some(&s, &got, STREAM_FOREVER) == OK && got.n == 0);
	CHECK(stream_stale(&s));
	stream_close(&s);
	CHECK(peer_end(&p) == 0);

	p = peer_start(AF_INET, reset);
	CHECK(stream_connect(&s, &p.addr, STREAM_FOREVER) == OK);
	CHECK(write_all(&s, S("x"), STREAM_FOREVER) == OK);
	CHECK(read_some(&s, &got, STREAM_FOREVER) == ERR_CLOSED && got.n == 0);
	/* No SIGPIPE: it would end these tests. */
	CHECK(write_all(&s, S("y"), STREAM_FOREVER) == ERR_CLOSED);
	CHECK(write_all(&s, S("y"), STREAM_FOREVER) == ERR_CLOSED);
	stream_close(&s);
	CHECK(peer_end(&p) == 0);
}

TEST(an_idle_connection_is_stale_when_the_peer_did_anything_at_all)
{
	static const struct act silent[] = SCRIPT(ACCEPT, END_OF_STREAM);
	int fd[2];
	struct peer p = peer_start(AF_INET, silent);
	struct stream s = { .fd = -1 };

	CHECK(stream_stale(&s));
	CHECK(stream_connect(&s, &p.addr, STREAM_FOREVER) == OK && !stream_stale(&s) && !stream_stale(&s));
	stream_close(&s);
	CHECK(peer_end(&p) == 0);

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	s.fd = fd[0];
	CHECK(!stream_stale(&s));
	CHECK(write(fd[1], "?", 1) == 1 && stream_stale(&s)); /* bytes nobody asked for */
	close(fd[1]);
	CHECK(stream_stale(&s));
	close(fd[0]);
}

TEST(pieces_of_any_number_and_size_arrive_in_order)
{
	enum { PIECES = 40 };
	static char sent[PIECES * PIECES * 100];
	struct iovec iov[PIECES];
	size_t n = 0;

	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (char)(i * 31 + i / 251);
	for (size_t i = 0; i < PIECES; i++) {
		size_t size = i % 5 == 4 ? 0 : i * i * 10; /* empty ones among them, and at the end */

		iov[i] = (struct iovec){ sent + n, size };
		n += size;
	}
	for (int blocking = 0; blocking < 2; blocking++) {
		int fd[2], small = 4096;
		struct iovec copy[PIECES];

		CHECK(!socketpair(AF_UNIX, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK), 0, fd));
		setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
		pid_t reader = fork();
		if (!reader) {
			static char got[sizeof sent + 1];
			size_t have = 0;
			ssize_t r = 1;

			close(fd[0]);
			fcntl(fd[1], F_SETFL, 0);
			for (; have < sizeof got && r > 0; have += (size_t)(r > 0 ? r : 0))
				r = read(fd[1], got + have, have % 977 + 1);
			_exit(have == n && !memcmp(got, sent, n) ? 0 : 1);
		}
		close(fd[1]);
		struct stream s = { .fd = fd[0] };
		memcpy(copy, iov, sizeof iov);
		CHECK(stream_write(&s, copy, PIECES, blocking ? STREAM_FOREVER : in(LONG)) == OK);
		stream_close(&s);
		int status = 1;
		CHECK(waitpid(reader, &status, 0) == reader && status == 0);
	}
	struct stream none = { .fd = -1 };
	CHECK(stream_write(&none, NULL, 0, STREAM_FOREVER) == OK);
}

TEST(a_silent_peer_is_a_timeout_in_read_and_in_write)
{
	int fd[2];
	struct stream s = { .fd = -1 };
	int64_t deadline;
	str got;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd));
	s.fd = fd[0];
	deadline = in(30 * MS);
	CHECK(read_some(&s, &got, deadline) == ERR_TIMEOUT && got.n == 0 && clock_mono_ns() >= deadline);
	deadline = in(30 * MS);
	CHECK(write_all(&s, (str){ plenty, sizeof plenty }, deadline) == ERR_TIMEOUT && clock_mono_ns() >= deadline);
	CHECK(read_some(&s, &got, 0) == ERR_TIMEOUT && read_some(&s, &got, INT64_MIN) == ERR_TIMEOUT);
	stream_close(&s);
	close(fd[1]);
}

TEST(after_the_deadline_nothing_is_read_even_when_there_is_something)
{
	int fd[2];
	struct stream s = { .fd = -1 };
	str got;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd));
	s.fd = fd[0];
	CHECK(write(fd[1], "drip", 4) == 4);
	CHECK(read_some(&s, &got, clock_mono_ns()) == ERR_TIMEOUT && got.n == 0);
	CHECK(read_some(&s, &got, in(LONG)) == OK && got.n == 4);
	stream_close(&s);
	close(fd[1]);
}

TEST(a_peer_that_answers_and_takes_no_more_is_not_written_to_for_ever)
{
	static const struct act acts[] = SCRIPT(ACCEPT, BODY(100), SEND("no!"));
	static const struct act waits[] = SCRIPT(ACCEPT, BODY(100), SEND("no!"), ACCEPT);

	for (int blocking = 0; blocking < 2; blocking++) {
		struct peer p = peer_start(AF_INET, waits); /* until a second connection it neither reads nor closes */
		int64_t deadline = blocking ? STREAM_FOREVER : in(LONG);
		struct stream s, release;
		str got;

		CHECK(stream_connect(&s, &p.addr, deadline) == OK);
		CHECK(write_all(&s, (str){ plenty, sizeof plenty }, deadline) == ERR_CLOSED);
		CHECK(read_some(&s, &got, deadline) == OK && str_eq(got, S("no!")));
		CHECK(stream_connect(&release, &p.addr, STREAM_FOREVER) == OK);
		stream_close(&s);
		stream_close(&release);
		CHECK(peer_end(&p) == 0);
	}
	/* And one that answers early, then closes with our bytes unread, which resets the connection. */
	struct peer p = peer_start(AF_INET, acts);
	struct stream s = { .fd = -1 };
	str got;
	CHECK(stream_connect(&s, &p.addr, STREAM_FOREVER) == OK);
	CHECK(write_all(&s, (str){ plenty, sizeof plenty }, STREAM_FOREVER) == ERR_CLOSED);
	CHECK(read_some(&s, &got, STREAM_FOREVER) == OK && str_eq(got, S("no!")));
	stream_close(&s);
	CHECK(peer_end(&p) == 0);
}

TEST(an_early_word_from_a_peer_that_reads_on_is_no_reason_to_stop)
{
	static const struct act acts[] = SCRIPT(ACCEPT, BODY(100), SEND("go on"), BODY(PLENTY - 100));

	for (int blocking = 0; blocking < 2; blocking++) {
		struct peer p = peer_start(AF_INET, acts);
		int64_t deadline = blocking ? STREAM_FOREVER : in(LONG);
		struct stream s = { .fd = -1 };

		CHECK(stream_connect(&s, &p.addr, deadline) == OK);
		CHECK(write_all(&s, (str){ plenty, sizeof plenty }, deadline) == OK);
		CHECK(peer_end(&p) == 0);
		stream_close(&s);
	}
}

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	(void)sig;
	ticks = ticks + 1;
}

TEST(signals_interrupt_nothing)
{
	static const struct act acts[] = SCRIPT(ACCEPT, GATHER, GATHER, SEND("done"), END_OF_STREAM);
	struct sigaction act = { .sa_handler = tick }, was; /* no SA_RESTART */

	for (int blocking = 0; blocking < 2; blocking++) {
		struct peer p = peer_start(AF_INET, acts);
		struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { { 0, 0 }, { 0, 0 } };
		int64_t deadline = blocking ? STREAM_FOREVER : in(LONG);
		struct stream s = { .fd = -1 };
		str got;

		ticks = 0;
		sigaction(SIGALRM, &act, &was);
		setitimer(ITIMER_REAL, &often, NULL);
		CHECK(stream_connect(&s, &p.addr, deadline) == OK);
		CHECK(write_all(&s, (str){ plenty, sizeof plenty }, deadline) == OK);
		CHECK(read_some(&s, &got, deadline) == OK && str_eq(got, S("done")));
		CHECK(ticks > 10);
		if (!blocking)
			CHECK(read_some(&s, &got, in(20 * MS)) == ERR_TIMEOUT);
		setitimer(ITIMER_REAL, &never, NULL);
		sigaction(SIGALRM, &was, NULL);
		stream_close(&s);
		CHECK(peer_end(&p) == 0);
	}
}

TEST(a_connection_is_never_a_standard_descriptor)
{
	static const struct act acts[] = SCRIPT(ACCEPT, END_OF_STREAM);

	for (int closed = 1; closed < 8; closed++) { /* any of the three */
		struct peer p = peer_start(AF_INET, acts);
		int status = 1;

		fflush(stdout);
		pid_t child = fork();
		if (!child) {
			struct stream s = { .fd = -1 };

			for (int fd = 0; fd < 3; fd++)
				if (closed >> fd & 1)
					close(fd);
			_exit(stream_connect(&s, &p.addr, STREAM_FOREVER) != OK || s.fd < 3 ||
			      !(fcntl(s.fd, F_GETFD) & FD_CLOEXEC) || (fcntl(0, F_GETFD) < 0) != (closed & 1));
		}
		CHECK(waitpid(child, &status, 0) == child && status == 0);
		CHECK(peer_end(&p) == 0);
	}
}

TEST(no_descriptor_is_a_refusal_of_the_kernel)
{
	struct stream s = { .fd = -1 };
	str got;

	CHECK(write_all(&s, S("x"), STREAM_FOREVER) == ERR_SYSTEM);
	CHECK(read_some(&s, &got, STREAM_FOREVER) == ERR_SYSTEM && got.n == 0);
}
