/* How long until all devices are back after a restart of the server: TLS devices with certificates, which send messages
 * to each other, and a listening socket that is kept, as systemd keeps it.
 *
 *     devices CERTIFICATES DEVICES MESSAGES-PER-SECOND COMMAND...
 *
 * Listens, and starts COMMAND, an ssmpd, with the socket under the name `devices`. When all devices have logged in and
 * exchanged messages for a while, ends it by SIGTERM, starts it again as soon as it has ended, and goes on until all
 * devices are back. A device comes back at once when its connection ends, and resumes its session if the server lets it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    WINDOW = 128,       /* first connections that are under way at once */
    GROUP = 10,         /* devices that share a topic */
    WARM_MS = 2000,     /* messages before the restart */
    PATIENCE_MS = 60000 /* without a device coming back */
};

typedef enum { AWAY, CONNECTING, SHAKING, WAITING, UP } State;

typedef struct {
    int fd;
    State state;
    int wants_write;
    int answers;         /* of LOGIN and SUBSCRIBE */
    SSL *ssl;
    SSL_SESSION *session;
    double down;         /* when it was disconnected */
    unsigned length;     /* of the line that is not complete */
    char line[64];       /* its beginning */
} Device;

static Device *devices;
static int total, poller, listener, up, *away, away_count;
static pid_t server;
static SSL_CTX *context;
static struct sockaddr_in place;
static char **command;
static long resumed, full, refused, broken, early, sent, received;
static double *outages;
static int outage_count, is_restart;

static void die(const char *what)
{
    fprintf(stderr, "devices: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
    ERR_print_errors_fp(stderr);
    if (server > 0) kill(server, SIGKILL);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void start_server(void)
{
    server = fork();
    if (server == -1) die("fork");
    if (server > 0) return;
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "devices", 1);
    /* The same number would keep its close-on-exec. */
    int copy = fcntl(listener, F_DUPFD_CLOEXEC, 10);
    if (copy == -1 || dup2(copy, 3) == -1) _exit(127);
    execv(command[0], command);
    _exit(127);
}

static void watch(int number, int op)
{
    Device *d = &devices[number];
    struct epoll_event event = {.events = EPOLLIN | (d->wants_write ? EPOLLOUT : 0), .data.u32 = (unsigned)number};
    if (epoll_ctl(poller, op, d->fd, &event)) die("epoll_ctl");
}

static void go_away(int number)
{
    Device *d = &devices[number];
    if (d->state == UP) {
        up--;
        d->down = now_ms();
    }
    if (d->ssl) {
        /* OpenSSL would drop the session of a connection that has not been shut. */
        SSL_set_shutdown(d->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(d->ssl);
    }
    if (d->fd != -1) close(d->fd);
    d->ssl = NULL;
    d->fd = -1;
    d->state = AWAY;
    away[away_count++] = number;
}

static void begin(int number)
{
    Device *d = &devices[number];
    d->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (d->fd == -1) die("socket");
    int one = 1;
    setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* Each has an address of its own, as devices do: limits go by address. */
    struct sockaddr_in own = {.sin_family = AF_INET};
    own.sin_addr.s_addr = htonl(0x7f010000u + (unsigned)(number / 250) * 256 + (unsigned)(number % 250) + 1);
    setsockopt(d->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(d->fd, (struct sockaddr *)&own, sizeof own)) die("bind");
    d->answers = 0;
    d->length = 0;
    d->wants_write = 1;
    if (connect(d->fd, (struct sockaddr *)&place, sizeof place) && errno != EINPROGRESS) {
        refused++;
        go_away(number);
        return;
    }
    d->state = CONNECTING;
    watch(number, EPOLL_CTL_ADD);
}

static void say(Device *d, const char *text, int length)
{
    if (SSL_write(d->ssl, text, length) == length) return;
    ERR_clear_error();
}

/* One line of the server's has come. */
static void hear(Device *d)
{
    if (!strncmp(d->line, "200\n", 4)) {
        if (d->state == WAITING && ++d->answers == 2) {
            d->state = UP;
            up++;
            if (is_restart) outages[outage_count++] = now_ms() - d->down;
        }
    } else if (!strncmp(d->line, "000 . PING\n", 11)) {
        say(d, "PONG\n", 5);
    } else if (!strncmp(d->line, "000 ", 4)) {
        received++;
    } else {
        errno = 0;
        fprintf(stderr, "devices: the server says %.60s", d->line);
        die("answer");
    }
}

static void listen_to(int number)
{
    Device *d = &devices[number];
    char buffer[16384];
    for (;;) {
        ERR_clear_error();
        int count = SSL_read(d->ssl, buffer, sizeof buffer);
        if (count <= 0) {
            int error = SSL_get_error(d->ssl, count);
            if (error == SSL_ERROR_WANT_READ) return;
            if (error != SSL_ERROR_ZERO_RETURN) broken++;
            else if (d->state != UP) early++;
            go_away(number);
            return;
        }
        for (int i = 0; i < count; i++) {
            if (d->length < sizeof d->line - 1) d->line[d->length++] = buffer[i];
            if (buffer[i] != '\n') continue;
            d->line[d->length - 1] = '\n';
            d->line[d->length] = 0;
            hear(d);
            d->length = 0;
        }
    }
}

static void shake(int number)
{
    Device *d = &devices[number];
    ERR_clear_error();
    int result = SSL_connect(d->ssl);
    if (result != 1) {
        int error = SSL_get_error(d->ssl, result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
            d->wants_write = error == SSL_ERROR_WANT_WRITE;
            watch(number, EPOLL_CTL_MOD);
            return;
        }
        broken++;
        go_away(number);
        return;
    }
    if (SSL_session_reused(d->ssl)) resumed++; else full++;
    d->state = WAITING;
    d->wants_write = 0;
    watch(number, EPOLL_CTL_MOD);
    char text[64];
    say(d, text, snprintf(text, sizeof text, "LOGIN alice/%d cert\nSUBSCRIBE t%d\n", number, number / GROUP));
    listen_to(number);
}

static void happen(int number)
{
    Device *d = &devices[number];
    int error = 0;
    socklen_t size = sizeof error;
    switch (d->state) {
    case AWAY: return;
    case CONNECTING:
        getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            refused++;
            go_away(number);
            return;
        }
        d->ssl = SSL_new(context);
        if (!d->ssl || !SSL_set_fd(d->ssl, d->fd)) die("SSL_new");
        SSL_set_app_data(d->ssl, (char *)d);
        if (d->session) SSL_set_session(d->ssl, d->session);
        d->state = SHAKING;
        /* fall through */
    case SHAKING: shake(number); return;
    case WAITING:
    case UP: listen_to(number); return;
    }
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    Device *d = (Device *)SSL_get_app_data(ssl);
    if (d->session) SSL_SESSION_free(d->session);
    d->session = session;
    return 1;
}

/* Connects who is away, sends messages, and sees to what has happened, for a few milliseconds. */
static void turn(int window, double rate)
{
    static double last, owed;
    double now = now_ms();
    int under_way = total - up - away_count;
    for (int i = away_count; i > 0 && under_way < window; i--, under_way++) begin(away[--away_count]);
    owed += last ? (now - last) * rate / 1e3 : 0;
    last = now;
    for (; owed >= 1; owed--) {
        int number = rand() % total;
        char text[64];
        if (devices[number].state != UP) continue;
        say(&devices[number], text, snprintf(text, sizeof text, "MCAST t%d it is warm here\n", number / GROUP));
        sent++;
    }
    struct epoll_event events[512];
    int count = epoll_wait(poller, events, 512, 2);
    for (int i = 0; i < count; i++) happen((int)events[i].data.u32);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void connect_all(int window, double rate)
{
    double progress = now_ms();
    for (int before = up; up < total; before = up) {
        turn(window, rate);
        if (up != before) progress = now_ms();
        errno = 0;
        if (now_ms() - progress > PATIENCE_MS) die("no device gets in");
        if (waitpid(server, NULL, WNOHANG) == server) die("the server has ended");
    }
}

static void prepare(const char *folder)
{
    char file[512];
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    snprintf(file, sizeof file, "%s/ca.pem", folder);
    if (!SSL_CTX_load_verify_locations(context, file, NULL)) die(file);
    snprintf(file, sizeof file, "%s/alice.pem", folder);
    if (!SSL_CTX_use_certificate_chain_file(context, file)) die(file);
    snprintf(file, sizeof file, "%s/alice.key", folder);
    if (!SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM)) die(file);

    socklen_t size = sizeof place;
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener == -1 || bind(listener, (struct sockaddr *)&place, size) || listen(listener, 4096)) die("listen");
    getsockname(listener, (struct sockaddr *)&place, &size);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller == -1) die("epoll_create1");
}

int main(int count, char **arguments)
{
    if (count < 5) {
        fprintf(stderr, "usage: devices CERTIFICATES DEVICES MESSAGES-PER-SECOND COMMAND...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    total = atoi(arguments[2]);
    double rate = atof(arguments[3]);
    command = arguments + 4;
    devices = calloc((size_t)total, sizeof *devices);
    away = calloc((size_t)total, sizeof *away);
    outages = calloc((size_t)total * 4, sizeof *outages);
    if (total < 1 || !devices || !away || !outages) die("devices");
    for (int i = total; i-- > 0;) {
        devices[i].fd = -1;
        away[away_count++] = i;
    }
    prepare(arguments[1]);
    start_server();
    double start = now_ms();
    connect_all(WINDOW, 0);
    printf("%d devices have logged in within %.1f s, %ld of them with a full handshake\n", total, (now_ms() - start) / 1e3, full);
    double warm = now_ms();
    while (now_ms() - warm < WARM_MS) turn(WINDOW, rate);
    printf("%ld messages sent, %ld delivered\n", sent, received);

    sent = received = resumed = full = refused = broken = early = 0;
    is_restart = 1;
    double stop = now_ms();
    kill(server, SIGTERM);
    int status = 0;
    while (waitpid(server, &status, WNOHANG) == 0) turn(total, rate);
    double ended = now_ms();
    start_server();
    connect_all(total, rate);
    double back = now_ms();
    qsort(outages, (size_t)outage_count, sizeof *outages, compare);
    printf("the server ended after %.2f s, exit code %d\n", (ended - stop) / 1e3, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    printf("all devices were back after %.2f s, %.2f s after it had ended\n", (back - stop) / 1e3, (back - ended) / 1e3);
    printf("a device was away for %.2f s in the median, %.2f s at the 99th percentile, %.2f s at most\n",
        outages[outage_count / 2] / 1e3, outages[(long)outage_count * 99 / 100] / 1e3, outages[outage_count - 1] / 1e3);
    printf("handshakes: %ld resumed, %ld full; attempts: %ld refused, %ld broken, %ld ended before the login\n",
        resumed, full, refused, broken, early);
    printf("%ld messages sent meanwhile, %ld delivered\n", sent, received);
    kill(server, SIGINT);
    waitpid(server, NULL, 0);
    return refused || broken ? 1 : 0;
}
