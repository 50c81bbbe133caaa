/* Preloaded under a program of the tests: the n-th call of a kind on files below a folder fails, and so do the ones after
   it, as many as were asked for. Armed and disarmed by the program itself, so that one run tries every call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { NONE, FSYNC, WRITE, TRUNCATE, RENAME, UNLINK };

static char folder[4096];
static int kind, at, count, error_number, seen;

void fault_arm(const char *below, int which, int nth, int times, int number) {
    strncpy(folder, below, sizeof folder - 1);
    at = nth; count = times; error_number = number; seen = 0; kind = which;
}

int fault_disarm(void) { kind = NONE; return seen; }

static int below(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

static int fails(int which) {
    if (which != kind) return 0;
    seen++;
    if (seen < at || seen >= at + count) return 0;
    errno = error_number;
    return 1;
}

static int fails_on(int which, int descriptor) {
    char link[64], path[4096];
    if (which != kind) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path) && fails(which);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int d) { return fails_on(FSYNC, d) ? -1 : REAL(fsync)(d); }
int fdatasync(int d) { return fails_on(FSYNC, d) ? -1 : REAL(fdatasync)(d); }
ssize_t write(int d, const void *b, size_t n) { return fails_on(WRITE, d) ? -1 : REAL(write)(d, b, n); }
ssize_t pwrite(int d, const void *b, size_t n, off_t o) { return fails_on(WRITE, d) ? -1 : REAL(pwrite)(d, b, n, o); }
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) {
    return fails_on(WRITE, d) ? -1 : REAL(pwrite64)(d, b, n, o);
}
int ftruncate(int d, off_t n) { return fails_on(TRUNCATE, d) ? -1 : REAL(ftruncate)(d, n); }
int ftruncate64(int d, off64_t n) { return fails_on(TRUNCATE, d) ? -1 : REAL(ftruncate64)(d, n); }
int rename(const char *a, const char *b) { return below(a) && fails(RENAME) ? -1 : REAL(rename)(a, b); }
int unlink(const char *a) { return below(a) && fails(UNLINK) ? -1 : REAL(unlink)(a); }
