/* idle: what connections cost that only log in, subscribe, and stay. */
#include "connections.h"

int run_idle(void)
{
    make_conns(opt.conns);
    for (int i = 0; i < opt.conns; i++) {
        set_name(&run.conns[i], 'i', i);
        if (opt.own_topic) add_topic(&run.conns[i], 'o', i);
        if (opt.common_topic) add_topic(&run.conns[i], 't', 0);
    }
    long before = server_kib("VmRSS");
    Meter a = meter();
    open_all();
    Meter b = meter();
    double open_s = (double)(b.t - a.t) / 1e9 - opt.settle_ms / 1e3;
    uint64_t until = now_ns() + ns(opt.wait), t;
    while ((t = now_ns()) < until) {
        turn(until - t);
        check_deadline("idling");
    }
    Meter d = meter();
    long after = server_kib("VmRSS");
    print_common();
    printf(" conns=%d own_topic=%d common_topic=%d rss_before_kib=%ld rss_after_kib=%ld"
           " rss_peak_kib=%ld bytes_per_conn=%.0f open_s=%.3f opens_per_s=%.0f open_server_cpu_s=%.2f"
           " idle_s=%.1f idle_server_cpu_s=%.2f gen_cpu_s=%.2f\n",
           opt.conns, opt.own_topic, opt.common_topic, before, after, server_kib("VmHWM"),
           (double)(after - before) * 1024.0 / opt.conns, open_s, opt.conns / open_s,
           b.server - a.server, (double)(d.t - b.t) / 1e9, d.server - b.server, d.self - a.self);
    return 0;
}
