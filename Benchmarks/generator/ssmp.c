/* SSMP 1.1. */
#include "connections.h"

static void login(Conn *c)
{
    outf(c, "LOGIN %s %s%s%s\n", c->name, opt.auth, opt.secret ? " " : "",
         opt.secret ? opt.secret : "");
}

static void subscribe(Conn *c, const char *topic, int i)
{
    (void)i;
    outf(c, "SUBSCRIBE %s\n", topic);
}

static void close_in_order(Conn *c) { outf(c, "CLOSE\n"); }

static size_t parse(Conn *c, char *p, size_t n)
{
    size_t off = 0, body = (size_t)opt.size;
    while (off < n) {
        char *s = p + off;
        size_t left = n - off, len;
        /* The usual case: one more message of the same length as the last. */
        if (c->frame && left >= (size_t)c->frame && s[c->frame - 1] == '\n' &&
            s[0] == '0' && s[c->frame - (int)body - 2] == ' ') {
            deliver(c, s + c->frame - 1 - body);
            off += (size_t)c->frame;
            continue;
        }
        char *nl = memchr(s, '\n', left);
        if (!nl) break;
        len = (size_t)(nl - s);
        off += len + 1;
        if (len < 3) die(EXIT_PROTOCOL, "bad line from server on %s", c->name);
        if (!memcmp(s, "200", 3)) reply_ok(c);
        else if (memcmp(s, "000 ", 4)) {
            if (c->phase != PH_READY)
                die(EXIT_PROTOCOL, "refused on %s: %.*s", c->name, (int)len, s);
            run.nacks++;
            c->replies++;
        } else if (len == 10 && !memcmp(s, "000 . PING", 10)) outf(c, "PONG\n");
        else if (opt.scenario == SC_PRESENCE) presence_event(c, s, len);
        else if (len > body + 8 && s[len - body - 1] == ' ') {
            c->frame = (int)len + 1;
            deliver(c, s + len - body);
        } else run.bad++;
        if (c->fd < 0) return n;
    }
    return off;
}

static int publish_head(char *head, size_t room, const char *to, size_t size)
{
    (void)size;
    return snprintf(head, room, "%s %s ", opt.scenario == SC_PAIRS ? "UCAST" : "MCAST", to);
}

const Protocol ssmp = {
    .name = "ssmp", .acks = true, .login = login, .subscribe = subscribe, .close = close_in_order,
    .parse = parse, .publish_head = publish_head, .publish_tail = "\n",
};
