// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_FREE_FD 3u

struct child_plan {
	const char *path, *cwd;
	char *const *argv, *const *env;
	int out, err; /* write ends, both above 2 */
	pid_t parent;
	struct sandbox *s;
	volatile int failed;
};

/* Runs in the child on the parent's memory (vfork): system calls only, results go into the plan. Dispositions and mask
 * are reset because an ignored SIGPIPE would survive execve. */
static void __attribute__((noreturn)) be_the_child(struct child_plan *p)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	struct rusage u;
	struct timespec t;
	sigset_t none;
	int null;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != p->parent)
		_exit(127);
	for (int i = 1; i < NSIG; i++)
		if (i != SIGKILL && i != SIGSTOP)
			sigaction(i, &usual, NULL);
	null = open("/dev/null", O_RDONLY);
	if (p->s->procs_fd && write(p->s->procs_fd, "0", 1) != 1)
		goto failed;
	if (null < 0 || dup2(null, 0) < 0 || dup2(p->out, 1) < 0 || dup2(p->err, 2) < 0 || chdir(p->cwd))
		goto failed;
	if (syscall(SYS_close_range, FIRST_FREE_FD, ~0u, 0))
		for (int fd = (int)FIRST_FREE_FD; fd < 1024; fd++)
			close(fd);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	getrusage(RUSAGE_SELF, &u);
	p->s->faults_before_exec = (unsigned long)u.ru_minflt;
	clock_gettime(CLOCK_MONOTONIC, &t);
	p->s->exec_ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
	execve(p->path, p->argv, p->env);
failed:
	p->failed = errno ? errno : EINVAL;
	_exit(127);
}

/* Not inlined: nothing of the caller may live in registers across vfork. */
static pid_t __attribute__((noinline)) spawn(struct child_plan *p)
{
	pid_t pid = vfork();

	if (!pid)
		be_the_child(p);
	return pid;
}

static void deliver(struct sandbox *s, enum sandbox_stream stream, const char *text, size_t n)
{
	if (n > SANDBOX_LINE_MAX)
		n = SANDBOX_LINE_MAX;
	if (s->line)
		s->line(s, stream, text, n);
}

/* false: end of file, or nothing more for now */
static bool read_pipe(struct sandbox *s, struct loop_fd *f, struct buf *b, enum sandbox_stream stream)
{
	char *room = buf_room(b, 65536), *lf;
	ssize_t n = read(f->fd, room, 65536);

	if (n < 0)
		return errno == EINTR;
	if (!n) {
		if (b->n)
			deliver(s, stream, b->p, b->n);
		b->n = 0;
		loop_remove(s->loop, f);
		close(f->fd);
		f->fd = -1;
		return false;
	}
	b->n += (size_t)n;
	size_t from = 0;
	while ((lf = memchr(b->p + from, '\n', b->n - from))) {
		deliver(s, stream, b->p + from, (size_t)(lf - b->p) - from);
		from = (size_t)(lf - b->p) + 1;
	}
	buf_cut(b, from);
	if (b->n > SANDBOX_LINE_MAX) {
		deliver(s, stream, b->p, b->n);
		b->n = 0;
	}
	return true;
}

static void out_ready(struct loop_fd *f, short revents)
{
	struct sandbox *s = f->owner;

	(void)revents;
	read_pipe(s, f, &s->out_line, SANDBOX_STDOUT);
}

static void err_ready(struct loop_fd *f, short revents)
{
	struct sandbox *s = f->owner;

	(void)revents;
	read_pipe(s, f, &s->err_line, SANDBOX_STDERR);
}

void sandbox_drain(struct sandbox *s)
{
	while (s->out.fd >= 0 && read_pipe(s, &s->out, &s->out_line, SANDBOX_STDOUT))
		;
	while (s->err.fd >= 0 && read_pipe(s, &s->err, &s->err_line, SANDBOX_STDERR))
		;
}

/* A grandchild may hold the pipes open for ever: what is in them now is all that the process wrote. */
static void close_pipes(struct sandbox *s)
{
	struct loop_fd *both[] = { &s->out, &s->err };

	sandbox_drain(s);
	if (s->out.fd >= 0 && s->out_line.n)
		deliver(s, SANDBOX_STDOUT, s->out_line.p, s->out_line.n);
	if (s->err.fd >= 0 && s->err_line.n)
		deliver(s, SANDBOX_STDERR, s->err_line.p, s->err_line.n);
	for (int i = 0; i < 2; i++) {
		if (both[i]->fd < 0)
			continue;
		loop_remove(s->loop, both[i]);
		close(both[i]->fd);
		both[i]->fd = -1;
	}
	buf_free(&s->out_line);
	buf_free(&s->err_line);
}

static void reap(struct sandbox *s)
{
	loop_remove(s->loop, &s->pidfd);
	close(s->pidfd.fd);
	s->pidfd.fd = -1;
	kill(-s->pid, SIGKILL); /* what it may have left behind in its session */
	while (wait4(s->pid, &s->status, 0, &s->usage) < 0 && errno == EINTR)
		;
	close_pipes(s);
	s->pid = 0;
	s->frozen = false;
}

static void pid_ready(struct loop_fd *f, short revents)
{
	struct sandbox *s = f->owner;

	(void)revents;
	s->exit_ns = clock_ns();
	reap(s);
	if (s->exited)
		s->exited(s);
}

static int open_pipe(struct loop_fd *end, int *other)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC))
		return errno;
	/* dup2 onto 1 or 2 must not overwrite the other pipe when the emulator itself runs with those closed */
	*other = fcntl(p[1], F_DUPFD_CLOEXEC, (int)FIRST_FREE_FD);
	close(p[1]);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	end->fd = p[0];
	end->events = POLLIN;
	return *other < 0 ? errno : 0;
}

static void drop_pipe(struct loop_fd *end, int other)
{
	if (end->fd >= 0)
		close(end->fd);
	if (other >= 0)
		close(other);
	end->fd = -1;
}

int sandbox_start(struct sandbox *s, const char *path, char *const argv[], char *const env[], const char *cwd)
{
	struct child_plan p = {
		.path = path, .cwd = cwd, .argv = argv, .env = env, .out = -1, .err = -1, .parent = getpid(), .s = s
	};
	int failed;

	s->out = (struct loop_fd){ .fd = -1, .ready = out_ready, .owner = s };
	s->err = (struct loop_fd){ .fd = -1, .ready = err_ready, .owner = s };
	s->pidfd = (struct loop_fd){ .fd = -1, .ready = pid_ready, .owner = s, .events = POLLIN };
	if ((failed = open_pipe(&s->out, &p.out)) || (failed = open_pipe(&s->err, &p.err)))
		goto failed;
	s->spawn_ns = clock_ns();
	s->pid = spawn(&p);
	failed = s->pid < 0 ? errno : p.failed;
	if (s->pid > 0 && failed)
		waitpid(s->pid, NULL, 0);
	if (failed)
		goto failed;
	close(p.out);
	close(p.err);
	s->pidfd.fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (s->pidfd.fd < 0) {
		failed = errno;
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
		p.out = p.err = -1;
		goto failed;
	}
	fcntl(s->pidfd.fd, F_SETFD, FD_CLOEXEC);
	loop_add(s->loop, &s->out);
	loop_add(s->loop, &s->err);
	loop_add(s->loop, &s->pidfd);
	return 0;
failed:
	drop_pipe(&s->out, p.out);
	drop_pipe(&s->err, p.err);
	s->pid = 0;
	return failed;
}

void sandbox_signal(struct sandbox *s, int signal)
{
	if (s->pid)
		kill(-s->pid, signal);
}

void sandbox_freeze(struct sandbox *s)
{
	siginfo_t info;

	if (!s->pid || s->frozen)
		return;
	kill(-s->pid, SIGSTOP);
	while (waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WEXITED | WNOWAIT) && errno == EINTR)
		;
	s->frozen = true;
}

void sandbox_thaw(struct sandbox *s)
{
	siginfo_t info;

	if (!s->pid || !s->frozen)
		return;
	/* take the stop notice, so that the next freeze waits for its own */
	waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WNOHANG);
	kill(-s->pid, SIGCONT);
	s->frozen = false;
}

/* "Name:   123 kB" or the n-th number of a line, out of one file in /proc/PID */
static size_t read_proc(const struct sandbox *s, const char *name, char *out, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)s->pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, out, size - 1);
		close(fd);
	}
	out[n > 0 ? n : 0] = 0;
	return n > 0 ? (size_t)n : 0;
}

static unsigned long nth_number(const char *line, unsigned n)
{
	while (n-- && line)
		line = (line = strchr(line, ' ')) ? line + 1 : NULL;
	return line ? strtoul(line, NULL, 10) : 0;
}

/* smaps_rollup counts pages; the counters behind statm are kept per CPU and may be off by some dozens. */
void sandbox_measure(const struct sandbox *s, struct sandbox_usage *u)
{
	char text[4096];
	const char *at;

	*u = (struct sandbox_usage){ 0 };
	if (!s->pid)
		return;
	if (read_proc(s, "smaps_rollup", text, sizeof text) && (at = strstr(text, "\nRss:")))
		u->rss_kb = strtoul(at + 5, NULL, 10);
	if (read_proc(s, "stat", text, sizeof text) && (at = strrchr(text, ')'))) {
		u->minor_faults = nth_number(at, 8); /* field 10 of proc(5), 8 spaces behind the name */
		u->major_faults = nth_number(at, 10);
	}
	if (read_proc(s, "schedstat", text, sizeof text))
		u->cpu_ns = strtoull(text, NULL, 10);
}

const char *sandbox_fate(const struct sandbox *s, char out[static 48])
{
	if (WIFEXITED(s->status))
		snprintf(out, 48, "exit status %d", WEXITSTATUS(s->status));
	else
		snprintf(out, 48, "signal: %d", WTERMSIG(s->status));
	return out;
}

void sandbox_free(struct sandbox *s)
{
	if (!s->pid)
		return;
	kill(-s->pid, SIGKILL);
	reap(s);
}
