// What Swift's Glibc module lacks: epoll, eventfd, signalfd and accept4, with the few calls whose C types
// (unions, variadic arguments, packed structures) do not come through to Swift well.
#ifndef CEPOLL_SHIM_H
#define CEPOLL_SHIM_H

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// Declared here because <sys/socket.h> shows it only with _GNU_SOURCE, which must not be set in a module.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

enum : uint32_t {
  ssmp_EPOLLIN = EPOLLIN,
  ssmp_EPOLLPRI = EPOLLPRI,
  ssmp_EPOLLOUT = EPOLLOUT,
  ssmp_EPOLLERR = EPOLLERR,
  ssmp_EPOLLHUP = EPOLLHUP,
  ssmp_EPOLLRDHUP = EPOLLRDHUP,
  ssmp_EPOLLET = EPOLLET,
};

enum : int32_t {
  ssmp_SOCK_NONBLOCK = SOCK_NONBLOCK,
  ssmp_SOCK_CLOEXEC = SOCK_CLOEXEC,
  ssmp_EPOLL_CLOEXEC = EPOLL_CLOEXEC,
  ssmp_EFD_FLAGS = EFD_NONBLOCK | EFD_CLOEXEC,
  ssmp_SFD_FLAGS = SFD_NONBLOCK | SFD_CLOEXEC,
};

// struct epoll_event is packed on x86-64; its token is read and written here, in C, where that is known.
static inline uint64_t ssmp_event_token(const struct epoll_event *event) { return event->data.u64; }

static inline int ssmp_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int ssmp_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, 0);
}

// epoll_wait counts milliseconds; this counts nanoseconds (Linux 5.11).
static inline int ssmp_epoll_wait(int epoll, struct epoll_event *events, int count, uint64_t nanoseconds) {
  struct timespec limit = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
  return (int)syscall(SYS_epoll_pwait2, epoll, events, count, &limit, 0, 0);
}

// Writes what can be written without waiting, whatever the flags of the descriptor (RWF_NOWAIT), at the place where the next
// write would.
static inline ssize_t ssmp_write_now(int descriptor, const void *bytes, size_t count) {
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  return syscall(SYS_pwritev2, descriptor, &part, 1, -1L, -1L, 8);
}

// The process at the other end of a unix socket: of one that was connected to, the one that listens. -1 when it is not known.
static inline int32_t ssmp_peer_process(int socket) {
  struct { int32_t process; uint32_t user, group; } peer = {-1, 0, 0};
  socklen_t length = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.process : -1;
}

// The timer slack of ordinary threads, 50 microseconds, is as long as what a load generator measures.
static inline void ssmp_set_timer_slack(unsigned long nanoseconds) { prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0); }

// Only glibc keeps what was freed for so long that it is worth asking for it.
static inline void ssmp_trim_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

// What the calling thread is called where threads are listed; at most 15 bytes are kept.
static inline void ssmp_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// A pipe whose ends no other program inherits that is started at the same moment (pipe2 is behind _GNU_SOURCE).
static inline int ssmp_pipe(int ends[2]) { return syscall(SYS_pipe2, ends, O_CLOEXEC); }

#endif
