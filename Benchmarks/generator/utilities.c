/* Errors, memory, time and random numbers. */
#include "psbench.h"
#include <stdarg.h>
#include <time.h>

void die(int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("psbench: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(status);
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);
    if (!p) die(EXIT_PROTOCOL, "out of memory");
    return p;
}

uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t ns(double seconds) { return (uint64_t)(seconds * 1e9); }

/* xorshift, always from the same seed: every run picks the same recipients. */
uint32_t rng_below(uint32_t n)
{
    static uint64_t state = 0x9e3779b97f4a7c15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(((state >> 32) * n) >> 32);
}

static uint64_t deadline_ns;

void set_deadline(double seconds) { deadline_ns = now_ns() + ns(seconds); }

void check_deadline(const char *activity)
{
    if (now_ns() > deadline_ns) die(EXIT_TIME, "time limit reached while %s", activity);
}
