/* CPU time and memory: of the server, of this process, and of the machine. */
#include "psbench.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static double server_cpu(void)
{
    char path[64], buf[1024];
    if (!opt.server_pid) return 0;
    snprintf(path, sizeof path, "/proc/%d/stat", opt.server_pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(EXIT_PROTOCOL, "server process %d is gone", opt.server_pid);
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (n <= 0) return 0;
    buf[n] = 0;
    char *p = strrchr(buf, ')');        /* the name before it may contain blanks */
    unsigned long ut = 0, st = 0;
    if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st);
    return (double)(ut + st) / (double)sysconf(_SC_CLK_TCK);
}

long server_kib(const char *field)
{
    char path[64], line[256];
    long v = 0;
    if (!opt.server_pid) return 0;
    snprintf(path, sizeof path, "/proc/%d/status", opt.server_pid);
    FILE *f = fopen(path, "r");
    if (!f) die(EXIT_PROTOCOL, "server process %d is gone", opt.server_pid);
    size_t len = strlen(field);
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, field, len) && line[len] == ':') v = atol(line + len + 1);
    fclose(f);
    return v;
}

static double self_cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The time in which the CPUs of this machine were busy, and the time that a
 * hypervisor took from them. A run with much of either, beside that of server
 * and generator, measures the machine and not the server. */
static void machine_cpu(double *busy, double *stolen)
{
    unsigned long v[8] = {0};
    FILE *f = fopen("/proc/stat", "r");
    if (f) {
        if (fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu %lu", v, v + 1, v + 2, v + 3, v + 4, v + 5,
                   v + 6, v + 7) != 8)
            memset(v, 0, sizeof v);
        fclose(f);
    }
    double hz = (double)sysconf(_SC_CLK_TCK);
    *busy = (double)(v[0] + v[1] + v[2] + v[5] + v[6]) / hz;
    *stolen = (double)v[7] / hz;
}

Meter meter(void)
{
    Meter m = {.server = server_cpu(), .self = self_cpu()};
    machine_cpu(&m.busy, &m.stolen);
    m.t = now_ns();
    return m;
}

void print_cpu(Meter a, Meter b, uint64_t units, const char *unit)
{
    double el = (double)(b.t - a.t) / 1e9, cpu = b.server - a.server;
    printf(" server_cpu_s=%.2f server_cores=%.2f %s_per_server_cpu_s=%.0f gen_cpu_s=%.2f"
           " gen_cores=%.2f other_cpu_s=%.2f steal_s=%.2f",
           cpu, el > 0 ? cpu / el : 0, unit, cpu > 0 ? (double)units / cpu : 0,
           b.self - a.self, el > 0 ? (b.self - a.self) / el : 0,
           b.busy - a.busy - cpu - (b.self - a.self), b.stolen - a.stolen);
}
