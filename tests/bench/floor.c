/*
 * The least a server can do: messages of given sizes to so many WebSocket viewers, one send(2) or SSL_write
 * for each, nothing made or judged. floor PORT COUNT FILE [udp PORT] [tls CERTIFICATE KEY]
 *
 * Lines of FILE are "N BYTES": without udp, N microseconds from the first message, over and over; with udp, N
 * datagrams after which the message goes out, once. It waits until COUNT viewers are there. Prints its CPU time
 * for each line on standard input, and ends with its input.
 */
#include "sockets.h"
#include <poll.h>
#include <pthread.h>

#define NTP_TO_UNIX 2208988800u
#define MAX_MESSAGE (16 * 1024 * 1024)
#define MAX_MESSAGES 100000

static struct {
  int64_t when;
  uint32_t bytes;
} messages[MAX_MESSAGES];
static int count;

static void put32(unsigned char *b, uint32_t value) {
  b[0] = value >> 24;
  b[1] = value >> 16;
  b[2] = value >> 8;
  b[3] = value;
}

/* A frame's header, a prft box of now, and a box that fills the rest; returns the frame's bytes. */
static size_t fill(unsigned char *frame, uint32_t bytes) {
  size_t header = bytes < 126 ? 2 : bytes < 65536 ? 4 : 10;
  frame[0] = 0x82;
  if (header == 2) {
    frame[1] = bytes;
  } else if (header == 4) {
    frame[1] = 126;
    frame[2] = bytes >> 8;
    frame[3] = bytes;
  } else {
    frame[1] = 127;
    put32(frame + 2, 0);
    put32(frame + 6, bytes);
  }
  unsigned char *b = frame + header;
  if (bytes >= 40) {
    int64_t now = now_us(CLOCK_REALTIME);
    put32(b, 32);
    memcpy(b + 4, "prft", 4);
    put32(b + 16, (uint32_t)(now / 1000000 + NTP_TO_UNIX));
    put32(b + 20, (uint32_t)(((uint64_t)(now % 1000000) << 32) / 1000000));
    b += 32;
  }
  put32(b, bytes - (uint32_t)(b - frame - header));
  memcpy(b + 4, "mdat", 4);
  return header + bytes;
}

static void *answer(void *nothing) {
  char line[64];
  while (read(0, line, sizeof line) > 0) {
    printf("{\"cpu\":%.4f}\n", cpu_seconds());
    fflush(stdout);
  }
  exit(0);
  return nothing;
}

int main(int argc, char **argv) {
  if (argc < 4) die("usage: floor PORT COUNT FILE [udp PORT] [tls CERTIFICATE KEY]");
  int port = atoi(argv[1]), wanted = atoi(argv[2]), udp_port = 0;
  const char *certificate = NULL, *key = NULL;
  for (int i = 4; i < argc; i++) {
    if (strcmp(argv[i], "udp") == 0 && i + 1 < argc) udp_port = atoi(argv[++i]);
    else if (strcmp(argv[i], "tls") == 0 && i + 2 < argc) {
      certificate = argv[++i];
      key = argv[++i];
    }
  }
  FILE *file = fopen(argv[3], "r");
  if (!file) die("cannot read %s", argv[3]);
  long long when;
  unsigned bytes;
  while (count < MAX_MESSAGES && fscanf(file, "%lld %u", &when, &bytes) == 2) {
    messages[count].when = when;
    messages[count++].bytes = bytes < MAX_MESSAGE - 10 ? bytes : MAX_MESSAGE - 10;
  }
  fclose(file);
#ifdef WITH_TLS
  SSL_CTX *context = certificate ? tls_context(certificate, key) : NULL;
#else
  if (certificate) die("compiled without OpenSSL");
  (void)key;
#endif
  signal(SIGPIPE, SIG_IGN);
  int udp = -1;
  if (udp_port) {
    struct sockaddr_in address = loopback(udp_port);
    udp = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(udp, (void *)&address, sizeof address) != 0) die("UDP port %d is taken", udp_port);
  }
  int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = loopback(port);
  if (bind(server, (void *)&address, sizeof address) != 0 || listen(server, 1024) != 0)
    die("port %d is taken", port);
  printf("listening\n");
  fflush(stdout);
  struct peer *peers = calloc(wanted, sizeof *peers);
  static const char upgraded[] =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";
  char request[4096];
  for (int i = 0; i < wanted; i++) {
    peers[i].fd = accept(server, NULL, NULL);
    setsockopt(peers[i].fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
#ifdef WITH_TLS
    if (context) {
      peers[i].tls = SSL_new(context);
      SSL_set_fd(peers[i].tls, peers[i].fd);
      if (SSL_accept(peers[i].tls) != 1) die("no TLS with a viewer");
    }
#endif
    if (peer_read(&peers[i], request, sizeof request) <= 0) die("a viewer left");
    peer_write(&peers[i], upgraded, sizeof upgraded - 1);
  }
  pthread_t thread;
  pthread_create(&thread, NULL, answer, NULL);
  unsigned char *frame = calloc(1, MAX_MESSAGE), datagram[65536];
  do {
    int64_t began = now_us(CLOCK_MONOTONIC);
    for (int m = 0; m < count; m++) {
      if (udp >= 0) {
        for (int64_t i = 0; i < messages[m].when; i++) {
          if (recv(udp, datagram, sizeof datagram, 0) < 0) die("no datagram");
        }
      } else {
        wait_until(began + messages[m].when);
      }
      size_t n = fill(frame, messages[m].bytes);
      for (int i = 0; i < wanted; i++) peer_write(&peers[i], frame, n);
    }
  } while (udp < 0);
  for (;;) pause();
}
