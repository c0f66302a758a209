/* Connections: their tables, opening and closing, reading, and queued output. */
#include "connections.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

Run run;
Hist hist;

/* Connections with queued output, which the end of a turn sends. */
static Conn **flush_list;
static int n_flush;

void make_conns(int n)
{
    run.n_conns = n;
    run.conns = xcalloc((size_t)n, sizeof *run.conns);
    flush_list = xcalloc((size_t)n, sizeof *flush_list);
    for (int i = 0; i < n; i++) {
        run.conns[i].fd = -1;
        run.conns[i].idx = i;
    }
}

void make_senders(uint32_t n)
{
    run.n_senders = n;
    run.senders = xcalloc(n, sizeof *run.senders);
    run.last_seq = xcalloc((size_t)run.n_conns * n, sizeof *run.last_seq);
}

void set_name(Conn *c, char kind, int i)
{
    if (opt.user[0]) snprintf(c->name, sizeof c->name, "%s/%c%05d", opt.user, kind, i);
    else snprintf(c->name, sizeof c->name, "%c%05d", kind, i);
}

void add_topic(Conn *c, char kind, int i)
{
    snprintf(c->topics[c->n_topics++], sizeof c->topics[0], "%c%05d", kind, i);
}

/* --------------------------------------------------- open, close, read -- */

void conn_open(Conn *c)
{
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die(EXIT_PROTOCOL, "socket: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (opt.ips > 1) {
        static unsigned next_ip;
        struct sockaddr_in src = {.sin_family = AF_INET};
        src.sin_addr.s_addr = htonl(INADDR_LOOPBACK + next_ip++ % (unsigned)opt.ips);
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(c->fd, (struct sockaddr *)&src, sizeof src))
            die(EXIT_PROTOCOL, "bind: %s", strerror(errno));
    }
    struct sockaddr_in dst = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    dst.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (opt.scenario == SC_CONNECT) c->opened_ns = now_ns();
    if (connect(c->fd, (struct sockaddr *)&dst, sizeof dst) && errno != EINPROGRESS)
        die(EXIT_PROTOCOL, "connect: %s", strerror(errno));
    c->phase = PH_CONNECT;
    watch(c, EPOLLOUT);
}

void conn_close(Conn *c)
{
    if (c->ssl) { SSL_free(c->ssl); c->ssl = NULL; }
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->events = 0;
    c->in_len = c->out_len = c->out_off = 0;
    c->phase = PH_IDLE;
}

ssize_t conn_read(Conn *c, char *p, size_t n)
{
    if (!c->ssl || c->sealed) {
        ssize_t r = recv(c->fd, p, n, 0);
        if (r >= 0) return r;
        if (errno == EAGAIN || errno == EINTR) return -1;
        if (errno == ECONNRESET && (c->phase == PH_CLOSING || opt.scenario == SC_CONNECT)) return 0;
        die(EXIT_PROTOCOL, "recv on %s: %s", c->name, strerror(errno));
    }
    int r = SSL_read(c->ssl, p, (int)n);
    if (r > 0) return r;
    switch (SSL_get_error(c->ssl, r)) {
    case SSL_ERROR_WANT_READ: case SSL_ERROR_WANT_WRITE: return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default:
        if (c->phase == PH_CLOSING) { ERR_clear_error(); return 0; }
        ERR_print_errors_fp(stderr);
        die(EXIT_PROTOCOL, "TLS read on %s failed", c->name);
    }
}

/* -------------------------------------------------------------- output -- */

void out_bytes(Conn *c, const void *p, size_t n)
{
    if (c->out_len + n > c->out_cap) {
        if (c->out_off) {
            memmove(c->out, c->out + c->out_off, c->out_len - c->out_off);
            c->out_len -= c->out_off;
            c->out_off = 0;
        }
        if (c->out_len + n > c->out_cap) {
            c->out_cap = (c->out_len + n) * 2;
            c->out = realloc(c->out, c->out_cap);
            if (!c->out) die(EXIT_PROTOCOL, "out of memory");
        }
    }
    memcpy(c->out + c->out_len, p, n);
    c->out_len += n;
    if (!c->dirty) {
        c->dirty = true;
        flush_list[n_flush++] = c;
    }
}

void outf(Conn *c, const char *fmt, ...)
{
    char tmp[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(tmp, sizeof tmp, fmt, ap);
    va_end(ap);
    out_bytes(c, tmp, (size_t)n);
}

/* Sends n bytes or fewer; -1 if the connection takes none now. */
static ssize_t conn_send(Conn *c, const char *p, size_t n)
{
    if (!c->ssl) {
        ssize_t w = send(c->fd, p, n, MSG_NOSIGNAL);
        if (w < 0 && errno != EAGAIN && errno != EINTR) {
            /* A server that has closed does not want the rest. */
            if (c->phase == PH_CLOSING) return (ssize_t)n;
            die(EXIT_PROTOCOL, "send on %s: %s", c->name, strerror(errno));
        }
        return w;
    }
    int w = SSL_write(c->ssl, p, n > 65536 ? 65536 : (int)n);
    if (w > 0) return w;
    int e = SSL_get_error(c->ssl, w);
    if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
        die(EXIT_PROTOCOL, "TLS write on %s failed", c->name);
    return -1;
}

void conn_flush(Conn *c)
{
    if (c->fd < 0 || c->phase < PH_GREETING || c->phase == PH_TLS) return;
    while (c->out_off < c->out_len) {
        ssize_t w = conn_send(c, c->out + c->out_off, c->out_len - c->out_off);
        if (w < 0) { watch(c, EPOLLIN | EPOLLOUT); return; }
        c->out_off += (size_t)w;
    }
    c->out_len = c->out_off = 0;
    watch(c, EPOLLIN);
}

void flush_all(void)
{
    for (int i = 0; i < n_flush; i++) {
        flush_list[i]->dirty = false;
        conn_flush(flush_list[i]);
    }
    n_flush = 0;
}
