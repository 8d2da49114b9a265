// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_task(struct proc_status *s, const char *path)
{
	unsigned long long n;
	FILE *f = fopen(path, "r");
	char line[200];

	if (!f)
		return;
	s->threads++;
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "voluntary_ctxt_switches: %llu", &n) == 1)
			s->switches += n;
		else if (sscanf(line, "nonvoluntary_ctxt_switches: %llu", &n) == 1)
			s->switches_forced += n;
	}
	fclose(f);
}

void proc_read(pid_t pid, struct proc_status *s)
{
	char path[sizeof "/proc//task//status" + 20 + 256];
	struct dirent *entry;
	DIR *tasks;

	*s = (struct proc_status){ 0 };
	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%ld/task/%s/status", (long)pid, entry->d_name);
		add_task(s, path);
	}
	if (tasks)
		closedir(tasks);
}

static bool any_resident(int fd, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = (size + page - 1) / page;
	void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	unsigned char *pages = calloc(n, 1);
	bool any = at == MAP_FAILED || !pages || mincore(at, size, pages);

	for (size_t i = 0; i < n && !any; i++)
		any = pages[i] & 1;
	free(pages);
	if (at != MAP_FAILED)
		munmap(at, size);
	return any;
}

bool proc_forget_pages(const char *program)
{
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool gone = false;

	if (fd < 0)
		return false;
	fsync(fd); /* a dirty page cannot be forgotten */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (!fstat(fd, &st))
		gone = !st.st_size || !any_resident(fd, (size_t)st.st_size);
	close(fd);
	return gone;
}
