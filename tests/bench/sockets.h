/*
 * What the bench's programs in C share: clocks, CPU time, TCP, and TLS where OpenSSL's headers are there. Each
 * program is one translation unit that includes this once.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

static void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

/* CLOCK_MONOTONIC or CLOCK_REALTIME in microseconds: the same for all processes of this machine. */
static inline int64_t now_us(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* User and system time of this process, seconds. */
static inline double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Sleeps until CLOCK_MONOTONIC says so; it must not take the CPU that is measured. */
static inline void wait_until(int64_t due) {
  struct timespec t = {.tv_sec = due / 1000000, .tv_nsec = due % 1000000 * 1000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* A connection, plain or TLS. */
struct peer {
  int fd;
#ifdef WITH_TLS
  SSL *tls;
#endif
};

#ifdef WITH_TLS
static inline SSL_CTX *tls_context(const char *certificate, const char *key) {
  SSL_CTX *context = SSL_CTX_new(certificate ? TLS_server_method() : TLS_client_method());
  if (!context) die("no TLS context");
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  if (certificate && (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
                      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1))
    die("cannot use %s and %s", certificate, key);
  return context;
}
#endif

/* As read(2): 0 at the end, -1 with EAGAIN when nothing is there. */
static inline ssize_t peer_read(struct peer *p, void *to, size_t bytes) {
#ifdef WITH_TLS
  if (p->tls) {
    int n = SSL_read(p->tls, to, (int)bytes);
    if (n > 0) return n;
    int why = SSL_get_error(p->tls, n);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
      errno = EAGAIN;
      return -1;
    }
    return 0;
  }
#endif
  return read(p->fd, to, bytes);
}

/* All of it, on a socket that blocks. */
static inline void peer_write(struct peer *p, const void *from, size_t bytes) {
  const char *at = from;
  while (bytes > 0) {
    ssize_t n;
#ifdef WITH_TLS
    if (p->tls) n = SSL_write(p->tls, at, (int)bytes);
    else
#endif
      n = send(p->fd, at, bytes, MSG_NOSIGNAL);
    if (n <= 0) die("a peer is gone");
    at += n;
    bytes -= n;
  }
}
