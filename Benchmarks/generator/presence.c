/* presence (SSMP): all connections subscribe to one topic with PRESENCE. The
 * first K of them, the churners, leave it and come back, again and again.
 *
 * What the others must see is exact: from each churner one UNSUBSCRIBE and one
 * SUBSCRIBE per cycle, in turns. So is what a churner must see of the others:
 * one SUBSCRIBE of each per cycle. What churners see of each other depends on
 * the interleaving; it is counted, and not judged. */
#include "connections.h"

static struct {
    uint8_t *on;                /* [recipient][subscriber]: known as subscribed */
    uint64_t *seen;             /* by those who are no churners, of each churner */
    uint64_t exact, extra, misorder, dups, self;
} pr;

void presence_event(Conn *c, const char *line, size_t n)
{
    const char *sp = memchr(line + 4, ' ', n - 4);
    if (!sp || sp - line < 9) { run.bad++; return; }
    int from = 0;
    for (const char *d = sp - 5; d < sp; d++) from = from * 10 + (*d - '0');
    bool sub = sp[1] == 'S';
    if (from < 0 || from >= run.n_conns || (!sub && sp[1] != 'U')) { run.bad++; return; }
    if (from == c->idx) { pr.self++; return; }
    bool churn_from = from < opt.churners, churn_to = c->idx < opt.churners;
    uint8_t *on = &pr.on[(size_t)c->idx * (size_t)run.n_conns + (size_t)from];
    if (churn_to) {
        if (churn_from) { pr.extra++; return; }
        if (sub) pr.exact++; else pr.misorder++;
        return;
    }
    pr.exact++;
    if (churn_from) pr.seen[from]++;
    if (sub && *on) pr.dups++;
    if (!sub && !*on) pr.misorder++;
    *on = sub;
}

/* Subscribes one connection after the other, so that the number of events is
 * exact. Returns how many events are missing. */
static int64_t subscribe_all(void)
{
    int n = run.n_conns;
    for (int i = 0; i < n; i++) {
        Conn *c = &run.conns[i];
        c->replies = 0;
        outf(c, "SUBSCRIBE t00000 PRESENCE\n");
        flush_all();
        while (!c->replies) { turn(100000000); check_deadline("subscribing"); }
    }
    uint64_t all = (uint64_t)n * (uint64_t)(n - 1);
    Progress progress = {.since = now_ns()};
    while (pr.exact + pr.extra < all) {
        turn(100000000);
        if (is_stalled(&progress, pr.exact + pr.extra, now_ns())) break;
    }
    linger();
    return (int64_t)all - (int64_t)(pr.exact + pr.extra);
}

/* The cycles of each churner that have begun, and their sum. */
static uint64_t *cycles, total;

/* Starts as many cycles as the window allows. A cycle is complete when it is
 * acknowledged, and seen by all who are no churners. False after the last one. */
static bool churn(uint64_t now, uint64_t stop)
{
    uint64_t stay = (uint64_t)(run.n_conns - opt.churners);
    bool more = false;
    for (int i = 0; i < opt.churners; i++) {
        if (now >= stop || (opt.messages && cycles[i] >= opt.messages)) continue;
        more = true;
        uint64_t done = run.conns[i].replies / 2, shown = pr.seen[i] / (2 * stay);
        if (shown < done) done = shown;
        while (cycles[i] - done < (uint64_t)opt.window &&
               (!opt.messages || cycles[i] < opt.messages)) {
            outf(&run.conns[i], "UNSUBSCRIBE t00000\nSUBSCRIBE t00000 PRESENCE\n");
            cycles[i]++;
            total++;
        }
    }
    flush_all();
    return more;
}

int run_presence(void)
{
    int n = opt.conns, k = opt.churners;
    if (k >= n) die(EXIT_USAGE, "--churners must be below --conns");
    uint64_t stay = (uint64_t)(n - k);
    make_conns(n);
    for (int i = 0; i < n; i++) set_name(&run.conns[i], 'u', i);
    pr.on = xcalloc((size_t)n * (size_t)n, 1);
    pr.seen = xcalloc((size_t)k, sizeof *pr.seen);
    cycles = xcalloc((size_t)k, sizeof *cycles);
    open_all();

    Meter s0 = meter();
    int64_t setup_lost = subscribe_all();
    Meter s1 = meter();
    uint64_t setup_events = (uint64_t)n * (uint64_t)(n - 1);
    uint64_t setup_mis = pr.misorder, setup_dups = pr.dups;
    pr.exact = pr.extra = pr.misorder = pr.dups = pr.self = 0;
    memset(pr.seen, 0, (size_t)k * sizeof *pr.seen);
    for (int i = 0; i < k; i++) run.conns[i].replies = 0;

    Meter a = meter();
    uint64_t stop = opt.duration > 0 ? a.t + ns(opt.duration) : UINT64_MAX;
    Progress progress = {.since = a.t};
    bool stalled = false;
    for (;;) {
        uint64_t t = now_ns(), acked = 0;
        for (int i = 0; i < k; i++) acked += run.conns[i].replies;
        bool more = churn(t, stop);
        if (!more && pr.exact >= total * 3 * stay && acked >= 2 * total) break;
        if (is_stalled(&progress, pr.exact + pr.extra + acked, t)) { stalled = true; break; }
        turn(50000000);
        check_deadline("measuring");
    }
    Meter b = meter();
    double el = (double)(b.t - a.t) / 1e9;
    uint64_t events = pr.exact + pr.extra + pr.self;
    linger();
    int64_t lost = (int64_t)(total * 3 * stay) - (int64_t)pr.exact;
    print_common();
    printf(" conns=%d churners=%d window=%d setup_s=%.3f setup_events=%" PRIu64 " setup_lost=%" PRId64
           " setup_misordered=%" PRIu64 " setup_dups=%" PRIu64,
           n, k, opt.window, (double)(s1.t - s0.t) / 1e9, setup_events, setup_lost, setup_mis,
           setup_dups);
    printf(" cycles=%" PRIu64 " events=%" PRIu64 " expected=%" PRIu64 " lost=%" PRId64
           " unsub_before_sub=%" PRIu64 " dups=%" PRIu64 " churner_events=%" PRIu64
           " self_events=%" PRIu64 " bad=%" PRIu64 " nacks=%" PRIu64 " stalled=%d elapsed_s=%.3f"
           " events_per_s=%.0f cycles_per_s=%.0f",
           total, events, total * 3 * stay, lost, pr.misorder, pr.dups, pr.extra, pr.self, run.bad,
           run.nacks, stalled, el, (double)events / el, (double)total / el);
    print_cpu(a, b, events, "events");
    printf("\n");
    bool wrong = lost || pr.misorder || pr.dups || run.bad || run.nacks;
    bool wrong_setup = setup_lost || setup_mis || setup_dups;
    return wrong || wrong_setup || stalled ? EXIT_MESSAGES : 0;
}
