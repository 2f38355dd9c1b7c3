/*
 * wire LAST_BYTE DELAY_MS LOST_PPM SEED BYTES_PER_SECOND: a network that real TCP and real QUIC of this machine go
 * through. Servers listen at 198.18.N.1, clients call 198.18.N.2 (RFC 2544 §C.2.2), which is nobody: what is sent there comes back
 * with the two addresses exchanged, which leaves every checksum right. What the called side of a flow sends is late, lost and queued as
 * `impairment_link.ts` says, each flow by itself; what the caller sends passes.
 *
 * Says the interface's name when it is there; answers a line with packets sent and lost, as JSON. Needs root and /dev/net/tun; the
 * interface goes with the program.
 */
#include "sockets.h"
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>

enum { MOST_BYTES = 2048, MOST_FLOWS = 64, QUEUE_US = 100000 };

struct packet {
  struct packet *next;
  int64_t due;
  int bytes;
  unsigned char data[];
};

/* A connection, known by its first packet. */
struct flow {
  int protocol, caller, called;
  int64_t busy_until;
  uint64_t random;
  long sent, lost;
  struct packet *first, **end; /* on their way, in the order of their arrival */
};

static struct flow flows[MOST_FLOWS];
static int flow_count;
static int64_t delay_us;
static long lost_ppm, bytes_per_second;
static uint64_t seed;

/* Also says its name. */
static int open_tun(int last) {
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  snprintf(request.ifr_name, IFNAMSIZ, "rill%%d");
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) die("no tun interface: %s", strerror(errno));
  int control = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(198u << 24 | 18u << 16 | (unsigned)last << 8 | 1);
  if (ioctl(control, SIOCSIFADDR, &request) < 0) die("no address: %s", strerror(errno));
  address->sin_addr.s_addr = htonl(0xffffff00);
  if (ioctl(control, SIOCSIFNETMASK, &request) < 0) die("no netmask: %s", strerror(errno));
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) < 0) die("not up: %s", strerror(errno));
  close(control);
  puts(request.ifr_name);
  fflush(stdout);
  return tun;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

/* The flow of a packet; `down` is whether the called side sends it. NULL when there are too many. */
static struct flow *flow_of(const unsigned char *packet, int *down) {
  const unsigned char *ports = packet + (packet[0] & 15) * 4;
  int protocol = packet[9], from = ports[0] << 8 | ports[1], to = ports[2] << 8 | ports[3];
  for (struct flow *f = flows; f < flows + flow_count; f++) {
    if (f->protocol != protocol) continue;
    *down = f->caller == to && f->called == from;
    if (*down || (f->caller == from && f->called == to)) return f;
  }
  if (flow_count == MOST_FLOWS) return NULL;
  struct flow *f = &flows[flow_count++];
  *f = (struct flow){.protocol = protocol, .caller = from, .called = to};
  f->random = seed + flow_count;
  f->end = &f->first;
  *down = 0;
  return f;
}

static void send_out(int tun, const unsigned char *data, int bytes) {
  if (write(tun, data, bytes) < 0 && errno != EAGAIN) die("write: %s", strerror(errno));
}

/* Sets out, and is lost or comes to stand behind those that are on their way. */
static void impair(struct flow *f, const unsigned char *data, int bytes) {
  int64_t now = now_us(CLOCK_MONOTONIC), end = now;
  f->sent++;
  if (bytes_per_second > 0) {
    end = (f->busy_until > now ? f->busy_until : now) + 1000000LL * bytes / bytes_per_second;
    if (end - now <= QUEUE_US) f->busy_until = end;
  }
  if (end - now > QUEUE_US || (long)(next_random(&f->random) % 1000000) < lost_ppm) {
    f->lost++;
    return;
  }
  struct packet *p = malloc(sizeof *p + bytes);
  if (!p) die("no memory");
  *p = (struct packet){.due = end + delay_us, .bytes = bytes};
  memcpy(p->data, data, bytes);
  *f->end = p;
  f->end = &p->next;
}

/* Lets arrive what is due; microseconds to the next, -1 when there is none. */
static int64_t deliver(int tun) {
  int64_t now = now_us(CLOCK_MONOTONIC), wait = -1;
  for (struct flow *f = flows; f < flows + flow_count; f++) {
    struct packet *p;
    while ((p = f->first) && p->due <= now) {
      send_out(tun, p->data, p->bytes);
      if (!(f->first = p->next)) f->end = &f->first;
      free(p);
    }
    if (p && (wait < 0 || p->due - now < wait)) wait = p->due - now;
  }
  return wait;
}

static void receive(int tun, uint32_t far) {
  unsigned char data[MOST_BYTES];
  ssize_t bytes;
  while ((bytes = read(tun, data, sizeof data)) > 0) {
    uint32_t to;
    if (bytes < 28 || data[0] >> 4 != 4 || (data[9] != IPPROTO_TCP && data[9] != IPPROTO_UDP)) continue;
    memcpy(&to, data + 16, 4);
    if (to != far) continue; /* what the system tells everybody */
    memcpy(data + 16, data + 12, 4);
    memcpy(data + 12, &to, 4);
    int down;
    struct flow *f = flow_of(data, &down);
    if (!f) die("more than %d flows", MOST_FLOWS);
    if (down) impair(f, data, (int)bytes);
    else send_out(tun, data, (int)bytes);
  }
  if (bytes < 0 && errno != EAGAIN) die("read: %s", strerror(errno));
}

/* 0 at the end of the input. */
static int answer(void) {
  char line[64];
  if (read(STDIN_FILENO, line, sizeof line) <= 0) return 0;
  long udp[3] = {0}, tcp[3] = {0};
  for (struct flow *f = flows; f < flows + flow_count; f++) {
    long *sums = f->protocol == IPPROTO_UDP ? udp : tcp;
    sums[0]++;
    sums[1] += f->sent;
    sums[2] += f->lost;
  }
  printf("{\"udp\":{\"flows\":%ld,\"sent\":%ld,\"lost\":%ld},\"tcp\":{\"flows\":%ld,\"sent\":%ld,\"lost\":%ld}}\n",
         udp[0], udp[1], udp[2], tcp[0], tcp[1], tcp[2]);
  fflush(stdout);
  return 1;
}

int main(int count, char **args) {
  if (count != 6) die("usage: wire LAST_BYTE DELAY_MS LOST_PPM SEED BYTES_PER_SECOND");
  int last = atoi(args[1]);
  delay_us = atol(args[2]) * 1000;
  lost_ppm = atol(args[3]);
  seed = strtoull(args[4], NULL, 10) << 8;
  bytes_per_second = atol(args[5]);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);
  int tun = open_tun(last);
  uint32_t far = htonl(198u << 24 | 18u << 16 | (unsigned)last << 8 | 2);
  for (;;) {
    int64_t wait = deliver(tun);
    struct timespec timeout = {.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
    struct pollfd watched[] = {{.fd = tun, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    if (ppoll(watched, 2, wait < 0 ? NULL : &timeout, NULL) < 0 && errno != EINTR) die("poll");
    if (watched[0].revents) receive(tun, far);
    if (watched[1].revents && !answer()) return 0;
  }
}
