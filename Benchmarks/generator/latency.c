/* latency: messages leave on a schedule, whatever the server does, and carry the
 * time at which they should have left. So a late generator or server is charged
 * for all messages that it delays. */
#include "connections.h"

int run_latency(void)
{
    static Hist lag;            /* by how much the generator sent too late */
    make_conns(opt.subs + opt.pubs);
    make_senders((uint32_t)opt.pubs);
    for (int i = 0; i < opt.subs; i++) {
        set_name(&run.conns[i], 's', i);
        add_topic(&run.conns[i], 't', 0);
    }
    for (int i = 0; i < opt.pubs; i++) {
        set_name(&run.conns[opt.subs + i], 'p', i);
        run.senders[i] = (Sender){.c = &run.conns[opt.subs + i], .fan = (uint32_t)opt.subs};
    }
    Template tmpl = make_template("t00000");
    open_all();

    double step = 1e9 / opt.rate;
    uint64_t warm = (uint64_t)(opt.warmup * opt.rate);
    uint64_t total = warm + (uint64_t)(opt.duration * opt.rate);
    uint64_t i = 0, start = now_ns() + 1000000;
    Progress progress = {.since = start};
    bool stalled = false;
    Meter a = {0};
    while (i < total || run.delivered < expected_deliveries() || !all_acked()) {
        uint64_t t = now_ns();
        while (i < total) {
            uint64_t due = start + (uint64_t)((double)i * step);
            if (due > t) break;
            if (i == warm) {
                memset(&hist, 0, sizeof hist);
                memset(&lag, 0, sizeof lag);
                a = meter();
            }
            publish(&run.senders[i % run.n_senders], &tmpl, due);
            hist_add(&lag, t - due);
            i++;
        }
        flush_all();
        t = now_ns();
        uint64_t due = i < total ? start + (uint64_t)((double)i * step) : t + 50000000;
        turn(opt.spin || due <= t ? 0 : due - t);
        if (is_stalled(&progress, run.delivered, t)) { stalled = true; break; }
        check_deadline("measuring");
    }
    Meter b = meter();
    linger();
    print_common();
    printf(" pubs=%d subs=%d rate=%.0f", opt.pubs, opt.subs, opt.rate);
    int status = print_deliveries(a, b, stalled);
    printf(" p50_us=%.1f p90_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f send_lag_p99_us=%.1f",
           hist_us(&hist, .5), hist_us(&hist, .9), hist_us(&hist, .99), hist_us(&hist, .999),
           (double)hist.max / 1000.0, hist_us(&lag, .99));
    print_cpu(a, b, hist.n, "msgs");
    printf("\n");
    return status;
}
