/* NATS. It has no login of its own: CONNECT and a PING count as one, until PONG. */
#include "connections.h"

static void login(Conn *c)
{
    outf(c, "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":%s,\"lang\":\"c\","
            "\"version\":\"1\",\"protocol\":1}\r\nPING\r\n", opt.tls ? "true" : "false");
}

/* A SUB is not answered, so a PING follows. */
static void subscribe(Conn *c, const char *topic, int i)
{
    outf(c, "SUB %s %d\r\nPING\r\n", topic, i + 1);
}

/* There is no request for it: the client hangs up. */
static void hang_up(Conn *c) { connect_closed(c); }

static size_t parse(Conn *c, char *p, size_t n)
{
    size_t off = 0, body = (size_t)opt.size;
    while (off < n) {
        char *s = p + off;
        size_t left = n - off;
        /* Only INFO is longer than this. */
        char *nl = memchr(s, '\n', left < 1024 || c->phase <= PH_LOGIN ? left : 1024);
        if (!nl) break;
        size_t len = (size_t)(nl - s) + 1;
        if (s[0] == 'M') {
            size_t size = 0, mul = 1;
            for (char *d = nl - 2; *d >= '0' && *d <= '9'; d--, mul *= 10)
                size += (size_t)(*d - '0') * mul;
            if (left < len + size + 2) break;
            if (size == body) deliver(c, s + len); else run.bad++;
            off += len + size + 2;
            continue;
        }
        off += len;
        if (!memcmp(s, "PONG", 4)) reply_ok(c);
        else if (!memcmp(s, "PING", 4)) outf(c, "PONG\r\n");
        else if (!memcmp(s, "-ERR", 4)) die(EXIT_PROTOCOL, "nats: %.*s", (int)len - 2, s);
        else if (!memcmp(s, "INFO", 4) && c->phase == PH_GREETING) {
            if (opt.tls) { tls_start(c); return off; }
            c->phase = PH_LOGIN;
            login(c);
        }
        if (c->fd < 0) return n;
    }
    return off;
}

static int publish_head(char *head, size_t room, const char *to, size_t size)
{
    return snprintf(head, room, "PUB %s %zu\r\n", to, size);
}

const Protocol nats = {
    .name = "nats", .greets = true, .login = login, .subscribe = subscribe, .close = hang_up,
    .parse = parse, .publish_head = publish_head, .publish_tail = "\r\n",
};
