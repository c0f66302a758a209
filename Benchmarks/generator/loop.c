/* The loop: one thread, one epoll set, one buffer for everything that is read. */
#include "connections.h"
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

/* An incomplete frame is put before the bytes of the next read, so that frames
 * are contiguous. */
enum { RBUF = 1 << 20, KEEP_MAX = 1 << 16 };
static char *rbuf;
static int ep = -1;

void loop_setup(void)
{
    rbuf = xcalloc(1, KEEP_MAX + RBUF);
    ep = epoll_create1(EPOLL_CLOEXEC);
    if (ep < 0) die(EXIT_PROTOCOL, "epoll_create1: %s", strerror(errno));
}

void watch(Conn *c, uint32_t events)
{
    if (c->events == events) return;
    struct epoll_event ev = {.events = events, .data.ptr = c};
    if (epoll_ctl(ep, c->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &ev))
        die(EXIT_PROTOCOL, "epoll_ctl: %s", strerror(errno));
    c->events = events;
}

static void connected(Conn *c)
{
    int err = 0;
    socklen_t len = sizeof err;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
    if (err) die(EXIT_PROTOCOL, "connect: %s", strerror(err));
    watch(c, EPOLLIN);
    if (opt.proto->greets) c->phase = PH_GREETING;
    else if (opt.tls) tls_start(c);
    else { c->phase = PH_LOGIN; start_login(c); }
}

/* Keeps what is left of a read: the beginning of a frame. */
static void keep(Conn *c, const char *p, size_t n)
{
    c->in_len = n;
    if (n > KEEP_MAX) die(EXIT_PROTOCOL, "frame too long on %s", c->name);
    if (!n) return;
    if (n > c->in_cap) {
        c->in_cap = n < 512 ? 512 : n;
        c->in = realloc(c->in, c->in_cap);
        if (!c->in) die(EXIT_PROTOCOL, "out of memory");
    }
    memcpy(c->in, p, n);
}

static void readable(Conn *c)
{
    for (;;) {
        size_t kept = c->in_len;
        ssize_t n = conn_read(c, rbuf + KEEP_MAX, RBUF);
        if (n < 0) return;
        if (n == 0) {
            if (c->phase != PH_CLOSING) die(EXIT_PROTOCOL, "server closed connection %s", c->name);
            connect_closed(c);
            return;
        }
        if (opt.scenario == SC_LATENCY || opt.scenario == SC_CONNECT) run.batch_now = now_ns();
        char *start = rbuf + KEEP_MAX - kept;
        if (kept) memcpy(start, c->in, kept);
        size_t total = kept + (size_t)n;
        size_t used = c->sealed ? count_sealed(c, (unsigned char *)start, total)
                                : opt.proto->parse(c, start, total);
        if (c->fd < 0) return;
        keep(c, start + used, total - used);
        if (c->phase == PH_TLS) return;
        /* A short read has emptied the socket; OpenSSL may still hold bytes. */
        if ((!c->ssl || c->sealed) && n < RBUF && c->phase != PH_CLOSING) return;
    }
}

void turn(uint64_t wait_ns)
{
    static struct epoll_event evs[2048];
    struct timespec ts = {(time_t)(wait_ns / 1000000000u), (long)(wait_ns % 1000000000u)};
    int n = epoll_pwait2(ep, evs, 2048, &ts, NULL);
    if (n < 0 && errno != EINTR) die(EXIT_PROTOCOL, "epoll_wait: %s", strerror(errno));
    for (int i = 0; i < n; i++) {
        Conn *c = evs[i].data.ptr;
        if (c->fd < 0) continue;
        if (c->phase == PH_CONNECT) connected(c);
        else if (c->phase == PH_TLS) tls_step(c);
        else {
            if (evs[i].events & EPOLLOUT) conn_flush(c);
            if (evs[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(c);
        }
    }
    flush_all();
}

void run_until(uint64_t until)
{
    uint64_t t;
    while ((t = now_ns()) < until) turn(until - t);
}

void linger(void) { run_until(now_ns() + 100000000u); }

void open_all(void)
{
    int next = 0;
    while (run.n_ready < run.n_conns) {
        while (next - run.n_ready < opt.concurrency && next < run.n_conns)
            conn_open(&run.conns[next++]);
        turn(100000000);
        check_deadline("opening connections");
    }
    run_until(now_ns() + (uint64_t)opt.settle_ms * 1000000u);
}
