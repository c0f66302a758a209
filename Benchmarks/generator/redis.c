/* Redis pub/sub in RESP3. HELLO and PING count as the login, until PONG. */
#include "connections.h"

static void login(Conn *c) { outf(c, "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*1\r\n$4\r\nPING\r\n"); }

static void subscribe(Conn *c, const char *topic, int i)
{
    (void)i;
    outf(c, "*2\r\n$9\r\nSUBSCRIBE\r\n$%zu\r\n%s\r\n", strlen(topic), topic);
}

static void quit(Conn *c) { outf(c, "*1\r\n$4\r\nQUIT\r\n"); }

/* The parts of a push of three bulk strings: its kind, the channel, the payload.
 * Returns the end of the push, or NULL if it is incomplete. */
static char *parse_push(char *s, char *e, bool *message, char **payload)
{
    char *q = memchr(s, '\n', (size_t)(e - s));
    if (!q) return NULL;
    q++;
    for (int part = 0; part < 3; part++) {
        char *h = q;
        if (h >= e || !(q = memchr(h, '\n', (size_t)(e - h)))) return NULL;
        q++;
        if (*h != '$') continue;                /* a number, of subscriptions */
        size_t size = 0;
        for (char *d = h + 1; *d >= '0' && *d <= '9'; d++) size = size * 10 + (size_t)(*d - '0');
        if ((size_t)(e - q) < size + 2) return NULL;
        if (part == 0) *message = size == 7;    /* "message" */
        if (part == 2 && size == (size_t)opt.size) *payload = q;
        q += size + 2;
    }
    return q;
}

/* Enough of RESP3 for +OK, :n, bulk strings, and push messages. */
static size_t parse(Conn *c, char *p, size_t n)
{
    size_t off = 0;
    while (off < n) {
        char *s = p + off, *e = p + n, *q;
        if (c->phase == PH_LOGIN) {             /* the map of HELLO, then +PONG */
            q = memmem(s, n - off, "+PONG\r\n", 7);
            if (*s == '-') die(EXIT_PROTOCOL, "redis refused: %.*s", (int)(n - off), s);
            if (!q) break;
            off = (size_t)(q - p) + 7;
            reply_ok(c);
            if (c->fd < 0) return n;
            continue;
        }
        if (*s == '>') {
            bool message = false;
            char *payload = NULL;
            q = parse_push(s, e, &message, &payload);
            if (!q) break;
            off = (size_t)(q - p);
            if (!message) reply_ok(c);
            else if (payload) deliver(c, payload);
            else run.bad++;
            if (c->fd < 0) return n;
            continue;
        }
        q = memchr(s, '\n', (size_t)(e - s));
        if (!q) break;
        off = (size_t)(q - p) + 1;
        if (*s == '-') die(EXIT_PROTOCOL, "redis: %.*s", (int)(q - s), s);
        reply_ok(c);
    }
    return off;
}

static int publish_head(char *head, size_t room, const char *to, size_t size)
{
    return snprintf(head, room, "*3\r\n$7\r\nPUBLISH\r\n$%zu\r\n%s\r\n$%zu\r\n", strlen(to), to,
                    size);
}

const Protocol redis = {
    .name = "redis", .acks = true, .login = login, .subscribe = subscribe, .close = quit,
    .parse = parse, .publish_head = publish_head, .publish_tail = "\r\n",
};
