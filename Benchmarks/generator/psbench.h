/* What every part of psbench uses, and what knows nothing of connections:
 * options, small utilities, the histogram, and readings of CPU time. */
#ifndef PSBENCH_H
#define PSBENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- options -- */

typedef enum { SC_FANOUT, SC_PAIRS, SC_LATENCY, SC_IDLE, SC_CONNECT, SC_PRESENCE } Scenario;

typedef struct Protocol Protocol;

typedef struct {
    Scenario scenario;
    const Protocol *proto;
    int port;
    int server_pid;             /* 0: the server's CPU time and memory are not read */
    int pubs, subs, topics, conns, churners;
    int size, window;
    uint64_t messages;          /* per sender; 0: until --duration */
    double duration, warmup, rate, wait, timeout, stall;        /* seconds; rate: per second */
    int ips, concurrency, coalesce_us, settle_ms, cpu;
    bool own_topic, common_topic, spin, tls, sealed;
    const char *auth, *secret, *user, *ca, *cert, *key;
} Options;

extern Options opt;
extern const char *const scenario_names[];

void parse_options(int argc, char **argv);

/* ----------------------------------------------------------- utilities -- */

/* The exit statuses. An error of the run itself ends it at once, through die. */
enum { EXIT_MESSAGES = 1, EXIT_USAGE = 2, EXIT_PROTOCOL = 3, EXIT_TIME = 4 };

_Noreturn void die(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void *xcalloc(size_t n, size_t size);
uint64_t now_ns(void);
uint32_t rng_below(uint32_t n);
uint64_t ns(double seconds);

/* The time limit of the whole run. */
void set_deadline(double seconds);
void check_deadline(const char *activity);

/* Numbers in payloads have a fixed width, in base 16 with the digits 'a'..'p':
 * these are printable, contain no line feed, and are cheap to decode eight at
 * a time. */
static inline void put8(char *p, uint32_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 4) p[i] = (char)('a' + (v & 15));
}
static inline uint32_t get8(const char *p)
{
    uint64_t w;
    memcpy(&w, p, 8);                                   /* little endian */
    w = __builtin_bswap64(w) - 0x6161616161616161u;
    w = (w | (w >> 4)) & 0x00ff00ff00ff00ffu;
    w = (w | (w >> 8)) & 0x0000ffff0000ffffu;
    return (uint32_t)(w | (w >> 16));
}
static inline void put16(char *p, uint64_t v)
{
    put8(p, (uint32_t)(v >> 32));
    put8(p + 8, (uint32_t)v);
}
static inline uint64_t get16(const char *p) { return (uint64_t)get8(p) << 32 | get8(p + 8); }

/* ----------------------------------------------------------- histogram -- */

/* Of nanoseconds: 64 linear steps in each power of two, so 1.6 % exact. */
enum { HIST_SUB = 64, HIST_BUCKETS = 60 * HIST_SUB };
typedef struct { uint64_t n, max, count[HIST_BUCKETS]; } Hist;

void hist_add(Hist *h, uint64_t v);
double hist_us(const Hist *h, double quantile);         /* in microseconds */

/* --------------------------------------------------------------- meter -- */

/* A reading: the time in ns, and CPU seconds since some moment in the past. */
typedef struct {
    uint64_t t;
    double server, self;
    double busy, stolen;        /* of all CPUs of the machine */
} Meter;

Meter meter(void);
long server_kib(const char *field);     /* VmRSS or VmHWM */
void print_cpu(Meter a, Meter b, uint64_t units, const char *unit);

#endif
