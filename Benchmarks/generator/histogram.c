/* A histogram of nanoseconds: 64 linear steps in each power of two. */
#include "psbench.h"

void hist_add(Hist *h, uint64_t v)
{
    unsigned e = v < HIST_SUB ? 0 : (unsigned)(63 - __builtin_clzll(v) - 5);
    unsigned b = e == 0 ? (unsigned)v : e * HIST_SUB + (unsigned)((v >> (e - 1)) & (HIST_SUB - 1));
    h->count[b < HIST_BUCKETS ? b : HIST_BUCKETS - 1]++;
    h->n++;
    if (v > h->max) h->max = v;
}

double hist_us(const Hist *h, double quantile)
{
    uint64_t want = (uint64_t)(quantile * (double)h->n), seen = 0;
    for (unsigned b = 0; b < HIST_BUCKETS; b++) {
        seen += h->count[b];
        if (seen > want) {
            unsigned e = b / HIST_SUB, m = b % HIST_SUB;
            double v = e == 0 ? m : (double)((uint64_t)(HIST_SUB + m) << (e - 1));
            return v / 1000.0;
        }
    }
    return (double)h->max / 1000.0;
}
