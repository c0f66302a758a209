/* Whether all messages have been delivered, and what a run prints of that. */
#include "connections.h"

void print_common(void)
{
    printf("scenario=%s proto=%s tls=%s", scenario_names[opt.scenario], opt.proto->name,
           tls_version());
}

uint64_t expected_deliveries(void)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < run.n_senders; i++) n += run.senders[i].sent * run.senders[i].fan;
    return n;
}

bool all_acked(void)
{
    if (!opt.proto->acks) return true;
    for (uint32_t i = 0; i < run.n_senders; i++)
        if (run.senders[i].c->replies < run.senders[i].sent) return false;
    return true;
}

int print_deliveries(Meter a, Meter b, bool stalled)
{
    uint64_t expect = expected_deliveries(), sent = 0;
    for (uint32_t i = 0; i < run.n_senders; i++) sent += run.senders[i].sent;
    int64_t lost = (int64_t)expect - (int64_t)run.delivered;
    printf(" size=%d sent=%" PRIu64 " delivered=%" PRIu64 " lost=%" PRId64 " misordered=%" PRIu64
           " bad=%" PRIu64 " nacks=%" PRIu64 " stalled=%d elapsed_s=%.3f",
           opt.size, sent, run.delivered, lost, run.misordered, run.bad, run.nacks, stalled,
           (double)(b.t - a.t) / 1e9);
    return lost || run.misordered || run.bad || run.nacks || stalled ? EXIT_MESSAGES : 0;
}

bool is_stalled(Progress *p, uint64_t count, uint64_t now)
{
    if (count != p->count) {
        *p = (Progress){.count = count, .since = now};
        return false;
    }
    return now > p->since + ns(opt.stall);
}
