/* connect: open, log in, close in order, again and again. */
#include "connections.h"

static uint64_t closed_count;

void connect_ready(Conn *c)
{
    hist_add(&hist, run.batch_now - c->opened_ns);
    c->phase = PH_CLOSING;
    opt.proto->close(c);
}

void connect_closed(Conn *c)
{
    conn_close(c);
    closed_count++;
}

int run_connect(void)
{
    make_conns(opt.concurrency);
    uint64_t started = 0, limit = opt.messages ? opt.messages : UINT64_MAX;
    Meter a = meter();
    uint64_t stop = opt.duration > 0 ? a.t + ns(opt.duration) : UINT64_MAX;
    int live;
    do {
        live = 0;
        bool go = started < limit && now_ns() < stop;
        for (int i = 0; i < run.n_conns; i++) {
            Conn *c = &run.conns[i];
            if (c->fd < 0 && go && started < limit) {
                set_name(c, 'k', (int)(started++ % 100000));
                conn_open(c);
            }
            live += c->fd >= 0;
        }
        if (live) turn(100000000);
        check_deadline("connecting");
    } while (live);
    Meter b = meter();
    double el = (double)(b.t - a.t) / 1e9;
    print_common();
    printf(" concurrency=%d auth=%s connects=%" PRIu64 " elapsed_s=%.3f connects_per_s=%.0f"
           " login_p50_us=%.0f login_p99_us=%.0f", opt.concurrency,
           opt.proto == &ssmp ? opt.auth : "-", closed_count, el, (double)closed_count / el,
           hist_us(&hist, .5), hist_us(&hist, .99));
    print_cpu(a, b, closed_count, "connects");
    printf("\n");
    return 0;
}
