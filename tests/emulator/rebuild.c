// SPDX-License-Identifier: MIT
#include "rebuild.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	QUIET_NS = 60 * 1000 * 1000, // an editor saves in several steps; this long after the last of them it is done
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE,
	DEPTH = 16,
};

extern char **environ;

struct watched {
	int wd;
	char *path;
	struct watched *next;
};

static void run(struct rebuild *r);

static bool add_folder(struct rebuild *r, const char *path, unsigned depth)
{
	int wd = inotify_add_watch(r->watch.fd, path, EVENTS | IN_ONLYDIR);
	struct dirent *entry;

	if (wd < 0)
		return false;
	struct watched *w = must_alloc(1, sizeof *w);
	*w = (struct watched){ .wd = wd, .path = must_copy(path, strlen(path)), .next = r->watched };
	r->watched = w;
	DIR *dir = opendir(path);
	while (dir && depth < DEPTH && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		char *inner = must_print("%s/%s", path, entry->d_name);
		add_folder(r, inner, depth + 1); // fails for what turns out to be no folder
		free(inner);
	}
	if (dir)
		closedir(dir);
	return true;
}

static const char *folder_of(const struct rebuild *r, int wd)
{
	for (const struct watched *w = r->watched; w; w = w->next)
		if (w->wd == wd)
			return w->path;
	return "?";
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

// Back-ups, swap files and lock links of editors, and what a build itself writes: taken for a change, the latter would
// start the next build, and so on.
static bool is_noise(const char *name)
{
	static const char *const ends[] = { "~", "#", ".swp", ".tmp", ".o", ".d", ".pyc" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends_with(name, ends[i]))
			return true;
	return *name == '.' || *name == '#' || !strcmp(name, "4913") || !strcmp(name, "__pycache__");
}

static void note(struct rebuild *r, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW) {
		free(r->changed);
		r->changed = must_copy("many files", 10);
		return;
	}
	if (!e->len || is_noise(e->name))
		return;
	char *path = must_print("%s/%s", folder_of(r, e->wd), e->name);
	if (e->mask & IN_ISDIR && e->mask & (IN_CREATE | IN_MOVED_TO))
		add_folder(r, path, 0);
	if (e->mask & IN_CREATE && !(e->mask & IN_ISDIR)) { // empty still; IN_CLOSE_WRITE follows
		free(path);
		return;
	}
	free(r->changed);
	r->changed = path;
}

static void on_event(struct loop_fd *f, short revents)
{
	struct rebuild *r = f->owner;
	union {
		struct inotify_event first;
		char bytes[16 << 10];
	} u;
	ssize_t n;

	(void)revents;
	n = read(f->fd, u.bytes, sizeof u.bytes);
	for (ssize_t at = 0; n - at >= (ssize_t)sizeof u.first;) {
		const struct inotify_event *e = (const struct inotify_event *)(void *)(u.bytes + at);
		note(r, e);
		at += (ssize_t)(sizeof *e + e->len);
	}
	if (r->changed)
		loop_after(r->loop, &r->quiet, QUIET_NS);
}

static void on_quiet(struct loop_timer *t)
{
	struct rebuild *r = t->owner;

	if (r->running)
		r->again = true;
	else
		run(r);
}

static void on_line(struct sandbox *s, enum sandbox_stream stream, const char *text, size_t n)
{
	struct rebuild *r = s->owner;

	(void)stream;
	buf_add(&r->output, text, n);
	buf_puts(&r->output, "\n");
}

static void on_exited(struct sandbox *s)
{
	struct rebuild *r = s->owner;
	bool ok = WIFEXITED(s->status) && !WEXITSTATUS(s->status);

	r->running = false;
	r->ended(r, ok, r->output.p ? r->output.p : "", clock_ns() - r->started_ns);
	sandbox_free(s);
	buf_free(&r->output);
	if (r->again)
		run(r);
}

// An outer make hands its job server down by descriptors, which the command does not get.
static char *make_flags_without_jobs(const char *flags)
{
	struct buf kept = { 0 };

	buf_puts(&kept, "MAKEFLAGS=");
	while (*flags) {
		size_t n = strcspn(flags, " ");
		if (n && strncmp(flags, "-j", 2) != 0 && strncmp(flags, "--jobserver", 11) != 0)
			buf_printf(&kept, "%.*s ", (int)n, flags);
		flags += n + (flags[n] == ' ');
	}
	return kept.p;
}

static void run(struct rebuild *r)
{
	char *argv[] = { "sh", "-c", (char *)(void *)(uintptr_t)r->command, NULL }, *flags = NULL;
	size_t n = 0, at = 0;

	while (environ[n])
		n++;
	char **env = must_alloc(n + 1, sizeof *env);
	for (size_t i = 0; i < n; i++) {
		if (!strncmp(environ[i], "MAKEFLAGS=", 10))
			env[at++] = flags = make_flags_without_jobs(environ[i] + 10);
		else if (strncmp(environ[i], "MFLAGS=", 7) != 0 && strncmp(environ[i], "MAKELEVEL=", 10) != 0)
			env[at++] = environ[i];
	}
	r->again = false;
	r->running = true;
	r->started_ns = clock_ns();
	r->started(r, r->changed);
	free(r->changed);
	r->changed = NULL;
	r->sandbox = (struct sandbox){ .loop = r->loop, .owner = r, .line = on_line, .exited = on_exited };
	int failed = sandbox_start(&r->sandbox, "/bin/sh", argv, env, ".");
	if (failed) {
		r->running = false;
		r->ended(r, false, strerror(failed), 0);
	}
	free(flags);
	free(env);
}

bool rebuild_open(struct rebuild *r, char why[static 160])
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	r->watch = (struct loop_fd){ .fd = fd, .events = POLLIN, .ready = on_event, .owner = r };
	r->quiet = (struct loop_timer){ .fire = on_quiet, .owner = r };
	for (size_t i = 0; i < r->n_folders; i++) {
		if (fd < 0 || !add_folder(r, r->folders[i], 0)) {
			snprintf(why, 160, "cannot watch %.80s: %s", r->folders[i], strerror(errno));
			return false;
		}
	}
	loop_add(r->loop, &r->watch);
	return true;
}

void rebuild_close(struct rebuild *r)
{
	if (r->running)
		sandbox_free(&r->sandbox);
	if (r->watch.ready) {
		loop_remove(r->loop, &r->watch);
		close(r->watch.fd);
	}
	loop_cancel(r->loop, &r->quiet);
	while (r->watched) {
		struct watched *w = r->watched;
		r->watched = w->next;
		free(w->path);
		free(w);
	}
	buf_free(&r->output);
	free(r->changed);
}
