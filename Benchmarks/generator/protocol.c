/* What all protocols share: from login to ready, and publishes. */
#include "connections.h"

void start_login(Conn *c) { opt.proto->login(c); }

static void on_ready(Conn *c)
{
    c->phase = PH_READY;
    if (opt.scenario == SC_CONNECT) connect_ready(c);
    else run.n_ready++;
}

void reply_ok(Conn *c)
{
    switch (c->phase) {
    case PH_LOGIN:
        c->phase = PH_SUBSCRIBE;
        c->subs_left = c->n_topics;
        if (!c->n_topics) on_ready(c);
        else for (int i = 0; i < c->n_topics; i++) opt.proto->subscribe(c, c->topics[i], i);
        break;
    case PH_SUBSCRIBE:
        if (--c->subs_left == 0) on_ready(c);
        break;
    default:
        c->replies++;
    }
}

Template make_template(const char *to)
{
    char head[256];
    size_t size = (size_t)opt.size, tail = strlen(opt.proto->publish_tail);
    int n = opt.proto->publish_head(head, sizeof head, to, size);
    Template t = {.at = (size_t)n, .len = (size_t)n + size + tail};
    t.bytes = xcalloc(1, t.len);
    memcpy(t.bytes, head, (size_t)n);
    memset(t.bytes + n, 'x', size);
    memcpy(t.bytes + t.at + size, opt.proto->publish_tail, tail);
    return t;
}

void publish(Sender *s, const Template *t, uint64_t stamp)
{
    char *m = t->bytes + t->at;
    put8(m, (uint32_t)(s - run.senders));
    put8(m + 8, (uint32_t)++s->sent);
    if (opt.size >= 32) put16(m + 16, stamp);
    out_bytes(s->c, t->bytes, t->len);
}
