/* The command line. */
#include "connections.h"
#include <getopt.h>

const char *const scenario_names[] = {"fanout", "pairs", "latency", "idle", "connect", "presence"};

Options opt = {
    .proto = &ssmp, .pubs = 1, .subs = 100, .topics = 1, .conns = 100, .churners = 4, .size = 100,
    .window = 256, .duration = 5, .rate = 1000, .wait = 2, .timeout = 60, .stall = 3, .ips = 1,
    .concurrency = 64, .settle_ms = 300, .cpu = -1, .auth = "open", .user = "",
};

static void usage(FILE *f)
{
    fputs(
"usage: psbench SCENARIO --port PORT [--proto ssmp|nats|redis|mqtt] [options]\n"
"scenarios\n"
"  fanout    --pubs P --subs S --topics T --size B --window W [--duration s] [--messages M]\n"
"  pairs     --conns C --size B --window W [--duration s] [--messages M]\n"
"  latency   --pubs P --subs S --rate R (messages/s in all) --duration s [--spin]\n"
"  idle      --conns C [--own-topic] [--common-topic] [--wait s] [--ips K]\n"
"  connect   --concurrency N [--duration s] [--messages M in all]\n"
"  presence  --conns N --churners K --window W [--duration s] [--messages cycles each]  (ssmp)\n"
"common\n"
"  --server-pid PID   report the CPU time and memory of this process\n"
"  --tls --ca FILE [--cert FILE --key FILE]\n"
"  --sealed           count what subscribers get by the lengths of TLS records, and\n"
"                     decrypt nothing, so that the generator costs little (fanout, ssmp)\n"
"  --auth open|secret|cert   SSMP login scheme; --secret TEXT is the credential\n"
"  --user NAME        SSMP identifiers become NAME/x00001 (with cert: the CN)\n"
"  --warmup s         load before the measured part (fanout, pairs, latency)\n"
"  --ips K            bind source addresses 127.0.0.1 .. 127.0.0.K\n"
"  --concurrency N    connections being opened at once\n"
"  --coalesce-us N    sleep between turns, so that reads are larger\n"
"  --settle-ms N      pause after the logins\n"
"  --stall s          give up when nothing comes for so long\n"
"  --timeout s        the whole run fails after this long\n"
"  --cpu N            run the generator on this CPU only\n", f);
}

static double number(const char *name, const char *text, double lo, double hi)
{
    char *end;
    double v = strtod(text, &end);
    if (*end || end == text || !(v >= lo && v <= hi))
        die(EXIT_USAGE, "--%s: %s is not in %g..%g", name, text, lo, hi);
    return v;
}

static const Protocol *protocol(const char *name)
{
    static const Protocol *const all[] = {&ssmp, &nats, &redis, &mqtt};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(name, all[i]->name)) return all[i];
    die(EXIT_USAGE, "unknown protocol %s", name);
}

static void need(bool condition, const char *message)
{
    if (!condition) die(EXIT_USAGE, "%s", message);
}

/* Rejects combinations that mean nothing. */
static void check_options(void)
{
    Scenario s = opt.scenario;
    need(opt.port, "--port is needed");
    need(s != SC_PRESENCE || opt.proto == &ssmp, "presence is for ssmp only");
    need(s != SC_LATENCY || opt.size >= 32, "latency needs --size 32 or more");
    need(s != SC_PAIRS || opt.conns >= 2, "pairs needs two connections");
    need(opt.subs >= opt.topics, "each topic needs a subscriber");
    need(!opt.sealed || (s == SC_FANOUT && opt.proto == &ssmp && opt.tls),
         "--sealed is for fanout with --proto ssmp and --tls");
    need(!opt.sealed || opt.pubs == opt.topics, "--sealed needs one publisher for each topic");
    need(strlen(opt.user) <= 50, "--user is too long");
    need(opt.messages || opt.duration > 0, "give --duration or --messages");
    need(strcmp(opt.auth, "secret") || opt.secret, "--auth secret needs --secret");
    need(s != SC_PAIRS || (double)opt.conns * opt.conns <= 1e8, "too many pairs");
}

void parse_options(int argc, char **argv)
{
    enum { O_PROTO = 1, O_PORT, O_PID, O_PUBS, O_SUBS, O_TOPICS, O_CONNS, O_CHURN, O_SIZE, O_WINDOW,
           O_MESSAGES, O_DURATION, O_WARMUP, O_RATE, O_WAIT, O_TIMEOUT, O_STALL, O_IPS, O_CONC,
           O_COAL, O_SETTLE, O_CPU, O_OWN, O_COMMON, O_SPIN, O_TLS, O_SEALED, O_AUTH, O_SECRET,
           O_USER, O_CA, O_CERT, O_KEY, O_HELP };
    static const struct option longs[] = {
        {"proto", 1, 0, O_PROTO}, {"port", 1, 0, O_PORT}, {"server-pid", 1, 0, O_PID},
        {"pubs", 1, 0, O_PUBS}, {"subs", 1, 0, O_SUBS}, {"topics", 1, 0, O_TOPICS},
        {"conns", 1, 0, O_CONNS}, {"churners", 1, 0, O_CHURN}, {"size", 1, 0, O_SIZE},
        {"window", 1, 0, O_WINDOW}, {"messages", 1, 0, O_MESSAGES}, {"duration", 1, 0, O_DURATION},
        {"warmup", 1, 0, O_WARMUP}, {"rate", 1, 0, O_RATE}, {"wait", 1, 0, O_WAIT},
        {"timeout", 1, 0, O_TIMEOUT}, {"stall", 1, 0, O_STALL}, {"ips", 1, 0, O_IPS},
        {"concurrency", 1, 0, O_CONC}, {"coalesce-us", 1, 0, O_COAL}, {"settle-ms", 1, 0, O_SETTLE},
        {"cpu", 1, 0, O_CPU}, {"own-topic", 0, 0, O_OWN}, {"common-topic", 0, 0, O_COMMON},
        {"spin", 0, 0, O_SPIN}, {"tls", 0, 0, O_TLS}, {"sealed", 0, 0, O_SEALED},
        {"auth", 1, 0, O_AUTH}, {"secret", 1, 0, O_SECRET}, {"user", 1, 0, O_USER},
        {"ca", 1, 0, O_CA}, {"cert", 1, 0, O_CERT}, {"key", 1, 0, O_KEY}, {"help", 0, 0, O_HELP},
        {0, 0, 0, 0}};
    int o, which;
    while ((o = getopt_long(argc, argv, "", longs, &which)) != -1) {
        const char *name = longs[which].name;
        switch (o) {
        case O_PROTO: opt.proto = protocol(optarg); break;
        case O_PORT: opt.port = (int)number(name, optarg, 1, 65535); break;
        case O_PID: opt.server_pid = (int)number(name, optarg, 1, 1e9); break;
        case O_PUBS: opt.pubs = (int)number(name, optarg, 1, 10000); break;
        case O_SUBS: opt.subs = (int)number(name, optarg, 1, 99999); break;
        case O_TOPICS: opt.topics = (int)number(name, optarg, 1, 99999); break;
        case O_CONNS: opt.conns = (int)number(name, optarg, 1, 99999); break;
        case O_CHURN: opt.churners = (int)number(name, optarg, 1, 10000); break;
        case O_SIZE: opt.size = (int)number(name, optarg, 16, 1024); break;
        case O_WINDOW: opt.window = (int)number(name, optarg, 1, 1e6); break;
        case O_MESSAGES: opt.messages = (uint64_t)number(name, optarg, 0, 4e9); break;
        case O_DURATION: opt.duration = number(name, optarg, 0, 600); break;
        case O_WARMUP: opt.warmup = number(name, optarg, 0, 60); break;
        case O_RATE: opt.rate = number(name, optarg, 0.1, 1e7); break;
        case O_WAIT: opt.wait = number(name, optarg, 0, 600); break;
        case O_TIMEOUT: opt.timeout = number(name, optarg, 1, 3600); break;
        case O_STALL: opt.stall = number(name, optarg, 0.1, 60); break;
        case O_IPS: opt.ips = (int)number(name, optarg, 1, 200); break;
        case O_CONC: opt.concurrency = (int)number(name, optarg, 1, 4096); break;
        case O_COAL: opt.coalesce_us = (int)number(name, optarg, 0, 100000); break;
        case O_SETTLE: opt.settle_ms = (int)number(name, optarg, 0, 60000); break;
        case O_CPU: opt.cpu = (int)number(name, optarg, 0, 1023); break;
        case O_OWN: opt.own_topic = true; break;
        case O_COMMON: opt.common_topic = true; break;
        case O_SPIN: opt.spin = true; break;
        case O_TLS: opt.tls = true; break;
        case O_SEALED: opt.sealed = true; break;
        case O_AUTH: opt.auth = optarg; break;
        case O_SECRET: opt.secret = optarg; break;
        case O_USER: opt.user = optarg; break;
        case O_CA: opt.ca = optarg; break;
        case O_CERT: opt.cert = optarg; break;
        case O_KEY: opt.key = optarg; break;
        case O_HELP: usage(stdout); exit(0);
        default: usage(stderr); exit(EXIT_USAGE);
        }
    }
    if (optind + 1 != argc) { usage(stderr); exit(EXIT_USAGE); }
    int s = 0;
    while (s < 6 && strcmp(argv[optind], scenario_names[s])) s++;
    if (s == 6) die(EXIT_USAGE, "unknown scenario %s", argv[optind]);
    opt.scenario = (Scenario)s;
    check_options();
}
