/* Many SSMP clients in one process: opens connections, has each log in and subscribe to a topic of its own and to a common
 * one, and measures how long a message to the common topic takes until it has reached the last of them.
 *
 *     clients PORT CONNECTIONS SERVER-PID ROUNDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PER_ADDRESS = 20000, /* below the usual number of local ports: 28,232 */
    WINDOW = 256,        /* connections that are under way at once; the server bounds them by address */
    PATIENCE_MS = 20000  /* without anything happening */
};

typedef struct {
    int fd;
    unsigned got;      /* bytes of the answer to the login, then of the present round's event */
    unsigned length;   /* bytes that are expected of it */
} Client;

static Client *clients;
static int poller, total, server;

static void die(const char *what)
{
    fprintf(stderr, "clients: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The server's resident memory in KiB. */
static long resident(void)
{
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", server);
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    while (fgets(line, sizeof line, file)) if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
    fclose(file);
    return kib;
}

static void say(int number, const char *text, int length)
{
    if (send(clients[number].fd, text, (size_t)length, MSG_NOSIGNAL) != length) die("send");
}

static void open_one(int number, const struct sockaddr_in *to)
{
    int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (unsigned)(number / PER_ADDRESS));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    /* The port is chosen by connect, which needs it to be free for this one peer only. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0) die("bind");
    if (connect(fd, (const struct sockaddr *)to, sizeof *to) < 0) die("connect");
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    clients[number] = (Client){.fd = fd, .length = 12};
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (unsigned)number};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
    char text[128];
    say(number, text, snprintf(text, sizeof text,
        "LOGIN device-%08d open\nSUBSCRIBE topic-%08d\nSUBSCRIBE common\n", number, number));
}

/* Reads what has come for a client; true when all that it waits for has. What comes must be `expected`, byte for byte. */
static int receive(Client *client, const char *expected)
{
    unsigned char text[256];
    ssize_t count = recv(client->fd, text, sizeof text, 0);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) die("recv");
    if (client->got + (unsigned)count > client->length || memcmp(text, expected + client->got, (size_t)count)) {
        errno = 0;
        die("a message is not what was expected");
    }
    client->got += (unsigned)count;
    return client->got == client->length;
}

/* Waits until `wanted` more clients have got all of `expected`; false when nothing comes any more. */
static int await(int wanted, const char *expected)
{
    static struct epoll_event events[1024];
    while (wanted > 0) {
        int count = epoll_wait(poller, events, 1024, PATIENCE_MS);
        if (count == 0) return 0;
        for (int i = 0; i < count; i++) wanted -= receive(&clients[events[i].data.u32], expected);
    }
    return wanted == 0;
}

static void open_all(const struct sockaddr_in *to)
{
    for (int begin = 0; begin < total; begin += WINDOW) {
        int end = begin + WINDOW < total ? begin + WINDOW : total;
        for (int number = begin; number < end; number++) open_one(number, to);
        if (!await(end - begin, "200\n200\n200\n")) die("logins were not answered");
    }
}

/* One message to all; returns the milliseconds until the last one had it. */
static double reach_all(int round)
{
    char request[192], event[256];
    int length = snprintf(request, sizeof request, "MCAST common %08d%0*d\n", round, 92, 0);
    snprintf(event, sizeof event, "000 device-%08d %s", 0, request);
    for (int number = 1; number < total; number++) {
        clients[number].got = 0;
        clients[number].length = (unsigned)strlen(event);
    }
    double begin = now_ms();
    say(0, request, length);
    /* The sender is answered as well; its 200 is read when everybody else has been reached. */
    clients[0].got = 0;
    clients[0].length = 4;
    struct epoll_event off = {.events = 0, .data.u32 = 0}, on = {.events = EPOLLIN, .data.u32 = 0};
    epoll_ctl(poller, EPOLL_CTL_MOD, clients[0].fd, &off);
    if (!await(total - 1, event)) die("a message was lost");
    double time = now_ms() - begin;
    epoll_ctl(poller, EPOLL_CTL_MOD, clients[0].fd, &on);
    if (!await(1, "200\n")) die("a message was not answered");
    return time;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* True when nothing more comes, of which there must be nothing: nobody gets a message twice. */
static void expect_silence(void)
{
    struct epoll_event event;
    if (epoll_wait(poller, &event, 1, 300) != 0) {
        errno = 0;
        die("more came than was sent");
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: clients PORT CONNECTIONS SERVER-PID ROUNDS\n");
        return 2;
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    total = atoi(argv[2]);
    server = atoi(argv[3]);
    int rounds = atoi(argv[4]);
    clients = calloc((size_t)total, sizeof *clients);
    double *times = calloc((size_t)rounds, sizeof *times);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!clients || !times || poller < 0 || total < 2 || rounds < 1) die("cannot begin");
    long before = resident();
    double begin = now_ms();
    open_all(&to);
    double opened = now_ms() - begin;
    usleep(300000);
    long idle = resident();
    for (int round = 0; round < rounds; round++) times[round] = reach_all(round);
    expect_silence();
    qsort(times, (size_t)rounds, sizeof *times, by_value);
    printf("connections, each with two topics         %d\n", total);
    printf("resident bytes a connection, idle         %.0f\n", (double)(idle - before) * 1024 / total);
    printf("resident bytes a connection, at the end   %.0f\n", (double)(resident() - before) * 1024 / total);
    printf("connect, LOGIN and two SUBSCRIBEs, each   %.1f us\n", opened * 1e3 / total);
    printf("an MCAST to all, until the last has it    %.1f ms (median of %d; %.1f to %.1f)\n", times[rounds / 2], rounds,
        times[0], times[rounds - 1]);
    printf("messages lost, repeated or changed        0 of %ld\n", (long)rounds * (total - 1));
    return 0;
}
