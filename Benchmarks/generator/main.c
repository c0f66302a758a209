/* psbench: a neutral load generator for publish/subscribe servers.
 *
 * One thread, one epoll set, large shared buffers: the generator is meant to
 * cost much less than the server that it drives. It speaks SSMP 1.1, NATS, Redis
 * pub/sub (RESP3) and MQTT 3.1.1 (QoS 0) to a server that already runs on the
 * loopback interface, and prints exactly one line of key=value figures.
 *
 * Every payload begins with the sender's number and a sequence number, so each
 * delivery is checked: loss, duplication, order per sender and recipient. Each
 * sender's window is tied to deliveries (room, in flow.c). The same rule holds
 * for all protocols, so that no server drops messages for a slow consumer.
 *
 * With --sealed, deliveries over TLS are counted by the lengths of the records:
 * loss and duplication are noticed, order is not.
 *
 * Exit status: 0 success, 1 a run with lost or misordered messages, 2 usage,
 * 3 failure of a connection or of the protocol, 4 the time limit. */
#include "connections.h"
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void raise_limits(void)
{
    struct rlimit r;
    int need = opt.conns + opt.subs + opt.pubs + opt.concurrency + 64;
    getrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_cur >= (rlim_t)need) return;
    r.rlim_cur = (rlim_t)need;
    if (r.rlim_max < r.rlim_cur) r.rlim_max = r.rlim_cur;
    if (setrlimit(RLIMIT_NOFILE, &r))
        die(EXIT_PROTOCOL, "cannot raise the limit of open files to %d: %s", need, strerror(errno));
}

static void pin_to_cpu(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(opt.cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set)) die(EXIT_PROTOCOL, "cannot run on CPU %d", opt.cpu);
}

int main(int argc, char **argv)
{
    parse_options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    set_deadline(opt.timeout);
    alarm((unsigned)opt.timeout + 5);   /* in case the loop itself hangs */
    raise_limits();
    if (opt.cpu >= 0) pin_to_cpu();
    if (opt.tls) tls_setup();
    loop_setup();
    switch (opt.scenario) {
    case SC_FANOUT: case SC_PAIRS: return run_flow();
    case SC_LATENCY: return run_latency();
    case SC_IDLE: return run_idle();
    case SC_CONNECT: return run_connect();
    case SC_PRESENCE: return run_presence();
    }
    return EXIT_USAGE;
}
