/* MQTT 3.1.1 with QoS 0: a publish is not acknowledged. */
#include "connections.h"

static void login(Conn *c)
{
    size_t len = strlen(c->name);
    unsigned char h[14] = {0x10, (unsigned char)(12 + len), 0, 4, 'M', 'Q', 'T', 'T', 4,
                           2 /* clean session */, 0, 0 /* no keep-alive */, 0, (unsigned char)len};
    out_bytes(c, h, 14);
    out_bytes(c, c->name, len);
}

static void subscribe(Conn *c, const char *topic, int i)
{
    size_t len = strlen(topic);
    unsigned char h[6] = {0x82, (unsigned char)(len + 5), 0, (unsigned char)(i + 1),
                          (unsigned char)(len >> 8), (unsigned char)len};
    out_bytes(c, h, 6);
    out_bytes(c, topic, len);
    out_bytes(c, "\0", 1);
}

static void disconnect(Conn *c) { out_bytes(c, "\xe0\0", 2); }

static size_t parse(Conn *c, char *p, size_t n)
{
    size_t off = 0, body = (size_t)opt.size;
    while (n - off >= 2) {
        unsigned char *s = (unsigned char *)p + off;
        size_t left = n - off, h = 1, len = 0;
        for (unsigned shift = 0; h < left; shift += 7) {
            len |= (size_t)(s[h] & 127) << shift;
            if (!(s[h++] & 128)) break;
        }
        if (s[h - 1] & 128 || left < h + len) break;
        off += h + len;
        switch (s[0] >> 4) {
        case 3: {                               /* PUBLISH */
            size_t t = ((size_t)s[h] << 8 | s[h + 1]) + 2;
            if (len == t + body) deliver(c, (char *)s + h + t); else run.bad++;
            break;
        }
        case 2:                                 /* CONNACK */
            if (s[3]) die(EXIT_PROTOCOL, "mqtt refused with code %d", s[3]);
            reply_ok(c);
            break;
        case 9: reply_ok(c); break;             /* SUBACK */
        default: run.bad++;
        }
        if (c->fd < 0) return n;
    }
    return off;
}

static int publish_head(char *head, size_t room, const char *to, size_t size)
{
    size_t tlen = strlen(to), len = 2 + tlen + size;
    int n = 0;
    if (tlen + 8 > room) die(EXIT_USAGE, "topic %s is too long", to);
    head[n++] = 0x30;
    do { head[n++] = (char)((len & 127) | (len > 127 ? 128 : 0)); len >>= 7; } while (len);
    head[n++] = (char)(tlen >> 8);
    head[n++] = (char)tlen;
    memcpy(head + n, to, tlen);
    return n + (int)tlen;
}

const Protocol mqtt = {
    .name = "mqtt", .login = login, .subscribe = subscribe, .close = disconnect,
    .parse = parse, .publish_head = publish_head, .publish_tail = "",
};
