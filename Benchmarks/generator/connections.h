/* Connections, the loop that serves them, the protocols, and the checks of
 * deliveries. */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include "psbench.h"
#include <openssl/ssl.h>

/* --------------------------------------------------------- connections -- */

/* Where a connection stands. PH_GREETING: the server speaks first. */
typedef enum { PH_IDLE, PH_CONNECT, PH_GREETING, PH_TLS, PH_LOGIN, PH_SUBSCRIBE,
               PH_READY, PH_CLOSING } Phase;

typedef struct Conn {
    int fd;
    int idx;                    /* row in the table of last sequence numbers */
    Phase phase;
    uint32_t events;            /* what epoll watches for; 0: not registered */
    int subs_left;              /* subscriptions not yet confirmed */
    int frame;                  /* length of the last message: a guess for the next one */
    bool dirty;                 /* on the flush list */
    SSL *ssl;
    bool sealed;                /* deliveries are counted by record lengths, not decrypted */
    uint32_t plain;             /* sealed: received bytes of an incomplete message */
    char *in; size_t in_len, in_cap;            /* an incomplete frame */
    char *out; size_t out_len, out_off, out_cap;
    char name[80];
    char topics[2][80]; int n_topics;
    struct Sender *sender;
    uint64_t replies;           /* positive and negative responses since PH_READY */
    uint64_t opened_ns;
} Conn;

/* A publisher: what it has sent, and how much of that has been delivered. */
typedef struct Sender {
    Conn *c;
    uint64_t sent, delivered;   /* delivered: summed over all recipients */
    uint32_t fan;               /* recipients of each message */
    int topic;
} Sender;

/* All connections, and the counts of the run. */
typedef struct {
    Conn *conns;
    int n_conns, n_ready;
    Sender *senders;
    uint32_t n_senders;
    uint32_t *last_seq;         /* [connection][sender] */
    uint64_t delivered, misordered, bad, nacks;
    uint64_t batch_now;         /* latency, connect: when the bytes being parsed were read */
} Run;

extern Run run;
extern Hist hist;               /* latency of messages, or of logins */

void make_conns(int n);
void make_senders(uint32_t n);  /* after make_conns */
void set_name(Conn *c, char kind, int i);
void add_topic(Conn *c, char kind, int i);

void conn_open(Conn *c);
void conn_close(Conn *c);
ssize_t conn_read(Conn *c, char *p, size_t n);  /* >0 bytes, 0 end of stream, -1 nothing now */
void conn_flush(Conn *c);
void flush_all(void);
void watch(Conn *c, uint32_t events);
void out_bytes(Conn *c, const void *p, size_t n);
void outf(Conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ----------------------------------------------------------------- TLS -- */

void tls_setup(void);
void tls_start(Conn *c);
void tls_step(Conn *c);         /* goes on with a handshake */
const char *tls_version(void);  /* "0" without TLS */

/* From here on nothing is decrypted on c, whose only sender is s. */
void seal(Conn *c, Sender *s, size_t message_length);
size_t count_sealed(Conn *c, const unsigned char *p, size_t n);

/* ------------------------------------------------------------ the loop -- */

void loop_setup(void);
void turn(uint64_t wait_ns);    /* waits at most so long, serves what is ready, flushes */
void run_until(uint64_t t);     /* turns until then */
void linger(void);              /* waits for what should not come, such as duplicates */
void open_all(void);            /* opens all connections; returns when they are ready */

/* ----------------------------------------------------------- protocols -- */

struct Protocol {
    const char *name;
    bool acks;                  /* the server answers each publish */
    bool greets;                /* the server speaks first, in clear text */
    void (*login)(Conn *c);
    void (*subscribe)(Conn *c, const char *topic, int i);
    void (*close)(Conn *c);
    /* Consumes complete frames of p; returns how many bytes that were. */
    size_t (*parse)(Conn *c, char *p, size_t n);
    /* Writes what precedes a payload of `size` bytes; returns its length. */
    int (*publish_head)(char *head, size_t room, const char *to, size_t size);
    const char *publish_tail;
};

extern const Protocol ssmp, nats, redis, mqtt;

void start_login(Conn *c);
void reply_ok(Conn *c);         /* the server has said yes to the step under way */

/* A publish, complete but for sender, sequence number and time. */
typedef struct { char *bytes; size_t len, at; } Template;

Template make_template(const char *to);
void publish(Sender *s, const Template *t, uint64_t stamp);

/* A message for c has come in; p points to its payload of opt.size bytes. */
static inline void deliver(Conn *c, const char *p)
{
    uint32_t s = get8(p), q = get8(p + 8);
    if (__builtin_expect(s >= run.n_senders, 0)) { run.bad++; return; }
    uint32_t *last = &run.last_seq[(size_t)c->idx * run.n_senders + s];
    if (__builtin_expect(q <= *last, 0)) run.misordered++;
    else *last = q;
    run.senders[s].delivered++;
    run.delivered++;
    if (opt.scenario == SC_LATENCY) {
        uint64_t sent = get16(p + 16);
        hist_add(&hist, run.batch_now > sent ? run.batch_now - sent : 0);
    }
}

/* ----------------------------------------------------------- scenarios -- */

int run_flow(void);             /* fanout and pairs */
int run_latency(void);
int run_idle(void);
int run_connect(void);
int run_presence(void);

void connect_ready(Conn *c);    /* connect: c has logged in */
void connect_closed(Conn *c);   /* connect: the server has closed c */
void presence_event(Conn *c, const char *line, size_t n);

/* What the scenarios with senders share. */
void print_common(void);
uint64_t expected_deliveries(void);
bool all_acked(void);
int print_deliveries(Meter a, Meter b, bool stalled);   /* returns the exit status */

/* Whether nothing has changed for --stall seconds. */
typedef struct { uint64_t count, since; } Progress;
bool is_stalled(Progress *p, uint64_t count, uint64_t now);

#endif
