/* fanout and pairs: as fast as the window allows. */
#include "connections.h"
#include <time.h>

/* pairs: one template for each recipient. Protocols without unicast have a
 * topic for each. */
static Template *prepare_pairs(void)
{
    int n = opt.conns;
    make_conns(n);
    make_senders((uint32_t)n);
    Template *tmpl = xcalloc((size_t)n, sizeof *tmpl);
    for (int i = 0; i < n; i++) {
        Conn *c = &run.conns[i];
        set_name(c, 'c', i);
        if (opt.proto != &ssmp) add_topic(c, 'c', i);
        run.senders[i] = (Sender){.c = c, .fan = 1};
        c->sender = &run.senders[i];
        tmpl[i] = make_template(c->n_topics ? c->topics[0] : c->name);
    }
    return tmpl;
}

/* fanout: subscribers and publishers are distributed evenly over the topics. */
static Template *prepare_fanout(void)
{
    make_conns(opt.subs + opt.pubs);
    make_senders((uint32_t)opt.pubs);
    Template *tmpl = xcalloc((size_t)opt.topics, sizeof *tmpl);
    for (int i = 0; i < opt.subs; i++) {
        set_name(&run.conns[i], 's', i);
        add_topic(&run.conns[i], 't', i % opt.topics);
    }
    for (int i = 0; i < opt.pubs; i++) {
        Conn *c = &run.conns[opt.subs + i];
        int t = i % opt.topics;
        set_name(c, 'p', i);
        run.senders[i] = (Sender){.c = c, .topic = t,
            .fan = (uint32_t)(opt.subs / opt.topics + (t < opt.subs % opt.topics))};
        c->sender = &run.senders[i];
    }
    for (int t = 0; t < opt.topics; t++) {
        char name[16];
        snprintf(name, sizeof name, "t%05d", t);
        tmpl[t] = make_template(name);
    }
    return tmpl;
}

/* How many more messages this sender may have in flight. A message leaves the
 * window when all its recipients have it, on average over the recipients, and
 * the server has acknowledged it, where the protocol has acknowledgements. */
static uint64_t room(const Sender *s)
{
    uint64_t done = s->fan ? s->delivered / s->fan : s->sent;
    if (opt.proto->acks && s->c->replies < done) done = s->c->replies;
    uint64_t flight = s->sent - done;
    return flight >= (uint64_t)opt.window ? 0 : (uint64_t)opt.window - flight;
}

/* Fills the windows of all senders. False when none has anything left to send. */
static bool fill_windows(const Template *tmpl, uint64_t now)
{
    bool pairs = opt.scenario == SC_PAIRS, more = false;
    for (uint32_t i = 0; i < run.n_senders; i++) {
        Sender *s = &run.senders[i];
        if (opt.messages && s->sent >= opt.messages) continue;
        more = true;
        uint64_t n = room(s);
        if (opt.messages && n > opt.messages - s->sent) n = opt.messages - s->sent;
        for (; n; n--) {
            uint32_t to = (uint32_t)s->topic;
            if (pairs) {
                to = rng_below(run.n_senders - 1);
                if (to >= i) to++;      /* nobody sends to itself */
            }
            publish(s, &tmpl[to], now);
        }
    }
    flush_all();
    return more;
}

int run_flow(void)
{
    bool pairs = opt.scenario == SC_PAIRS;
    Template *tmpl = pairs ? prepare_pairs() : prepare_fanout();
    open_all();
    if (opt.sealed) {
        /* "000 SP from SP", and what the sender sent. */
        size_t length = 4 + strlen(run.senders[0].c->name) + 1 + tmpl[0].len;
        for (int i = 0; i < opt.subs; i++)
            seal(&run.conns[i], &run.senders[i % opt.topics], length);
    }

    /* An unmeasured warm-up of the same shape, then the measured part. Both are
     * in the sequence numbers and in the final check for losses. */
    uint64_t warm_end = now_ns() + ns(opt.warmup), begin_delivered = 0, stop = 0;
    Progress progress = {.since = now_ns()};
    bool measuring = false, sending = true, stalled = false;
    Meter a = {0};
    for (;;) {
        uint64_t t = now_ns();
        if (!measuring && t >= warm_end) {
            measuring = true;
            begin_delivered = run.delivered;
            a = meter();
            stop = opt.duration > 0 ? a.t + ns(opt.duration) : UINT64_MAX;
        }
        if (measuring && t >= stop) sending = false;
        bool more = sending && fill_windows(tmpl, t);
        if (!more && run.delivered >= expected_deliveries() && all_acked()) break;
        if (is_stalled(&progress, run.delivered, t)) { stalled = true; break; }
        if (opt.coalesce_us) {
            struct timespec ts = {0, opt.coalesce_us * 1000L};
            nanosleep(&ts, NULL);
        }
        turn(50000000);
        check_deadline("measuring");
    }
    Meter b = meter();
    uint64_t counted = run.delivered - begin_delivered;
    linger();
    /* Sealed connections that have received more than whole messages. */
    for (int i = 0; i < run.n_conns; i++) run.bad += run.conns[i].sealed && run.conns[i].plain;
    double el = (double)(b.t - a.t) / 1e9;
    print_common();
    if (pairs) printf(" conns=%d", opt.conns);
    else printf(" pubs=%d subs=%d topics=%d", opt.pubs, opt.subs, opt.topics);
    printf(" window=%d sealed=%d", opt.window, opt.sealed);
    int status = print_deliveries(a, b, stalled);
    printf(" msgs_per_s=%.0f", (double)counted / el);
    print_cpu(a, b, counted, "msgs");
    printf(" server_rss_kib=%ld server_hwm_kib=%ld\n", server_kib("VmRSS"), server_kib("VmHWM"));
    return status;
}
