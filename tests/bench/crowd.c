/*
 * Viewers over WebSocket that take what comes and keep nothing: crowd PORT PATH COUNT [tls] [log FILE VIEWERS]
 *
 * Prints "ready" when all are connected; then, for each line on its standard input, what came since the line
 * before, as JSON; ends with its input. With a log, a line for each binary message of the first VIEWERS:
 * microseconds of CLOCK_MONOTONIC when it was whole, viewer, payload bytes, pictures in it.
 *
 * Lateness is the time from a picture's prft (ISO/IEC 14496-12 8.16.5) to its whole message here.
 */
#include "sockets.h"
#include <sys/epoll.h>

#define READ_BYTES (256 * 1024)
#define TEXT_BYTES 512
#define SLOT_US 50
#define SLOTS 40000
#define NTP_TO_UNIX 2208988800u

struct viewer {
  struct peer peer;
  int upgraded;
  int head_end; /* characters of \r\n\r\n seen */
  /* WebSocket frame, RFC 6455 5.2 */
  unsigned char header[10];
  int header_bytes;
  int opcode;
  uint64_t size, left;
  char text[TEXT_BYTES];
  int text_bytes;
  /* boxes in it */
  unsigned char box[32];
  int box_bytes;
  uint64_t box_left;
  int pictures;
  int64_t captured; /* of the first picture in it, microseconds since 1970 */
};

static struct {
  uint64_t wire_bytes, messages, pictures, skips, skipped_fragments, closed;
  double cpu;
} total;
static uint32_t slots[SLOTS];
static uint64_t late_count;
static int64_t late_max;
static struct viewer *viewers;
static FILE *record;
static int recorded;

static uint32_t u32(const unsigned char *b) {
  return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

/* Walks the top-level boxes of a message, however it is cut. */
static void boxes(struct viewer *v, const unsigned char *b, uint64_t n) {
  while (n > 0) {
    if (v->box_left > 0) {
      uint64_t skip = n < v->box_left ? n : v->box_left;
      v->box_left -= skip;
      b += skip;
      n -= skip;
      continue;
    }
    v->box[v->box_bytes++] = *b++;
    n--;
    if (v->box_bytes < 8) continue;
    uint32_t size = u32(v->box);
    if (memcmp(v->box + 4, "prft", 4) == 0) {
      if (v->box_bytes < 32) continue;
      if (v->pictures++ == 0)
        v->captured = (int64_t)(u32(v->box + 16) - NTP_TO_UNIX) * 1000000 +
                      (int64_t)(((uint64_t)u32(v->box + 20) * 1000000) >> 32);
      v->box_bytes = 0;
      continue;
    }
    v->box_left = size > 8 ? size - 8 : 0;
    v->box_bytes = 0;
  }
}

/* A ping without content is answered by a masked pong without content, RFC 6455 5.5.3. */
static void pong(struct viewer *v) {
  static const unsigned char frame[] = {0x8a, 0x80, 0, 0, 0, 0};
  peer_write(&v->peer, frame, sizeof frame);
}

static void whole(struct viewer *v) {
  if (v->opcode == 9) {
    pong(v);
  } else if (v->opcode == 1) {
    v->text[v->text_bytes] = 0;
    if (strstr(v->text, "\"skip\"")) {
      total.skips++;
      const char *count = strstr(v->text, "\"fragments\":");
      if (count) total.skipped_fragments += atoi(count + 12);
    }
  } else if (v->opcode == 2) {
    total.messages++;
    total.pictures += v->pictures;
    if (v->pictures > 0) {
      int64_t late = now_us(CLOCK_REALTIME) - v->captured;
      if (late > late_max) late_max = late;
      int64_t slot = late < 0 ? 0 : late / SLOT_US;
      slots[slot < SLOTS ? slot : SLOTS - 1]++;
      late_count++;
    }
    if (record && v - viewers < recorded)
      fprintf(record, "%lld %d %llu %d\n", (long long)now_us(CLOCK_MONOTONIC), (int)(v - viewers),
              (unsigned long long)v->size, v->pictures);
  }
  v->header_bytes = v->text_bytes = v->box_bytes = v->pictures = 0;
  v->box_left = 0;
}

static void take(struct viewer *v, const unsigned char *b, size_t n) {
  while (n > 0 && !v->upgraded) {
    static const char end[] = "\r\n\r\n";
    v->head_end = *b == end[v->head_end] ? v->head_end + 1 : *b == '\r';
    v->upgraded = v->head_end == 4;
    b++;
    n--;
  }
  total.wire_bytes += n;
  while (n > 0) {
    int want = v->header_bytes < 2         ? 2
               : (v->header[1] & 127) < 126 ? 2
               : (v->header[1] & 127) == 126 ? 4
                                             : 10;
    if (v->header_bytes < want) {
      v->header[v->header_bytes++] = *b++;
      n--;
      want = v->header_bytes < 2 ? 2 : (v->header[1] & 127) < 126 ? 2 : (v->header[1] & 127) == 126 ? 4 : 10;
      if (v->header_bytes < want) continue;
      v->opcode = v->header[0] & 15;
      v->size = want == 2   ? v->header[1] & 127
                : want == 4 ? (uint64_t)(v->header[2] << 8 | v->header[3])
                            : (uint64_t)u32(v->header + 2) << 32 | u32(v->header + 6);
      v->left = v->size;
      if (v->left == 0) whole(v);
      continue;
    }
    uint64_t part = n < v->left ? n : v->left;
    if (v->opcode == 1) {
      for (uint64_t i = 0; i < part && v->text_bytes < TEXT_BYTES - 1; i++)
        v->text[v->text_bytes++] = (char)b[i];
    } else {
      boxes(v, b, part);
    }
    v->left -= part;
    b += part;
    n -= part;
    if (v->left == 0) whole(v);
  }
}

static double percentile_ms(double share) {
  uint64_t seen = 0;
  for (int i = 0; i < SLOTS; i++) {
    seen += slots[i];
    if (seen > share * late_count) return i * SLOT_US / 1000.0;
  }
  return 0;
}

static double later_than(int64_t us) {
  uint64_t sum = 0;
  for (int i = us / SLOT_US; i < SLOTS; i++) sum += slots[i];
  return (double)sum;
}

static void report(void) {
  double cpu = cpu_seconds();
  if (record) fflush(record); /* who reads the answer may read the log */
  printf("{\"atUs\":%lld,\"bytes\":%llu,\"messages\":%llu,\"pictures\":%llu,\"skips\":%llu,"
         "\"skippedFragments\":%llu,\"closed\":%llu,\"cpu\":%.4f,\"p50\":%.2f,\"p99\":%.2f,"
         "\"max\":%.2f,\"late33\":%.0f,\"late100\":%.0f}\n",
         (long long)now_us(CLOCK_MONOTONIC), (unsigned long long)total.wire_bytes,
         (unsigned long long)total.messages, (unsigned long long)total.pictures,
         (unsigned long long)total.skips, (unsigned long long)total.skipped_fragments,
         (unsigned long long)total.closed, cpu - total.cpu, percentile_ms(0.5), percentile_ms(0.99),
         late_max / 1000.0, later_than(33333), later_than(100000));
  fflush(stdout);
  memset(&total, 0, sizeof total);
  memset(slots, 0, sizeof slots);
  late_count = late_max = 0;
  total.cpu = cpu;
}

int main(int argc, char **argv) {
  if (argc < 4) die("usage: crowd PORT PATH COUNT [tls] [log FILE VIEWERS]");
  int port = atoi(argv[1]), count = atoi(argv[3]), tls = 0;
  for (int i = 4; i < argc; i++) {
    if (strcmp(argv[i], "tls") == 0) tls = 1;
    else if (strcmp(argv[i], "log") == 0 && i + 2 < argc) {
      record = fopen(argv[++i], "w");
      recorded = atoi(argv[++i]);
    }
  }
#ifdef WITH_TLS
  SSL_CTX *context = tls ? tls_context(NULL, NULL) : NULL;
#else
  if (tls) die("compiled without OpenSSL");
#endif
  signal(SIGPIPE, SIG_IGN);
  viewers = calloc(count, sizeof *viewers);
  unsigned char *buffer = malloc(READ_BYTES);
  int poll = epoll_create1(0);
  struct sockaddr_in address = loopback(port);
  char request[512];
  int request_bytes = snprintf(request, sizeof request,
                               "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                               "Sec-WebSocket-Version: 13\r\n\r\n",
                               argv[2], port);
  int ready = 0, opened = 0, open = count;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
  epoll_ctl(poll, EPOLL_CTL_ADD, 0, &event);
  struct epoll_event events[256];
  while (open > 0) {
    if (opened < count) { /* one after the other: a crowd does not come through the door at once */
      struct viewer *v = &viewers[opened];
      v->peer.fd = socket(AF_INET, SOCK_STREAM, 0);
      if (v->peer.fd < 0 || connect(v->peer.fd, (void *)&address, sizeof address) != 0)
        die("cannot connect to port %d: %s", port, strerror(errno));
#ifdef WITH_TLS
      if (tls) {
        v->peer.tls = SSL_new(context);
        SSL_set_fd(v->peer.tls, v->peer.fd);
        if (SSL_connect(v->peer.tls) != 1) die("no TLS with port %d", port);
      }
#endif
      peer_write(&v->peer, request, request_bytes);
      fcntl(v->peer.fd, F_SETFL, O_NONBLOCK);
      event.data.u32 = opened++;
      epoll_ctl(poll, EPOLL_CTL_ADD, v->peer.fd, &event);
    }
    int n = epoll_wait(poll, events, 256, opened < count ? 0 : -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.u32 == UINT32_MAX) {
        char line[64];
        if (read(0, line, sizeof line) <= 0) return 0;
        report();
        continue;
      }
      struct viewer *v = &viewers[events[i].data.u32];
      int upgraded = v->upgraded;
      for (;;) {
        ssize_t got = peer_read(&v->peer, buffer, READ_BYTES);
        if (got > 0) take(v, buffer, got);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
          total.closed++;
          open--;
          close(v->peer.fd);
        }
        if (got <= 0) break;
#ifdef WITH_TLS
        if (v->peer.tls) continue; /* a record may wait inside OpenSSL */
#endif
        if (got < READ_BYTES) break;
      }
      ready += v->upgraded - upgraded;
      if (v->upgraded > upgraded && ready == count) {
        printf("ready\n");
        fflush(stdout);
      }
    }
  }
  die("all viewers were sent away");
}
