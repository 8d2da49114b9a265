// SPDX-License-Identifier: MIT
#include "quota.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Version 2 where its cpu controller may be used, else version 1, which some containers still have. */
static const struct hierarchy {
	const char *mount, *enable, *limit, *period;
} hierarchies[] = {
	{ "/sys/fs/cgroup", "cgroup.subtree_control", "cpu.max", NULL },
	{ "/sys/fs/cgroup/unified", "cgroup.subtree_control", "cpu.max", NULL },
	{ "/sys/fs/cgroup/cpu", NULL, "cpu.cfs_quota_us", "cpu.cfs_period_us" },
};

static bool put(const char *folder, const char *file, const char *text)
{
	char path[400];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	close(fd);
	return n >= 0;
}

static bool limit(const struct hierarchy *h, const struct quota *q, unsigned quota_us)
{
	char text[40], period[20];

	snprintf(period, sizeof period, "%u", QUOTA_PERIOD_US);
	if (h->period && !put(q->path, h->period, period))
		return false;
	snprintf(text, sizeof text, h->period ? "%u" : "%u %s", quota_us, period);
	return put(q->path, h->limit, text);
}

static bool open_in(const struct hierarchy *h, struct quota *q, unsigned quota_us)
{
	char procs[400];

	if (h->enable)
		put(h->mount, h->enable, "+cpu"); /* it may be there already; the limit tells */
	snprintf(q->path, sizeof q->path, "%s/mote-bench-%ld", h->mount, (long)getpid());
	if (mkdir(q->path, 0755))
		return false;
	snprintf(procs, sizeof procs, "%s/cgroup.procs", q->path);
	if (limit(h, q, quota_us) && (q->procs_fd = open(procs, O_WRONLY | O_CLOEXEC)) > 0)
		return true;
	rmdir(q->path);
	return false;
}

bool quota_open(struct quota *q, unsigned memory_mb, const char **why)
{
	unsigned quota_us = (unsigned)((unsigned long)QUOTA_PERIOD_US * memory_mb / QUOTA_WHOLE_MB);

	for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++)
		if (open_in(&hierarchies[i], q, quota_us))
			return true;
	q->procs_fd = 0;
	*why = "no control group with a cpu controller may be made here (it takes root, and cgroup v2 or v1 with cpu)";
	return false;
}

void quota_close(struct quota *q)
{
	if (!q->procs_fd)
		return;
	close(q->procs_fd);
	rmdir(q->path);
}
