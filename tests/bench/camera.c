/*
 * A camera on UDP: camera PORT FILE RATE AIR_US sends the pictures of an MPEG-TS file, RATE a second, seven
 * packets a datagram, at least AIR_US microseconds after the datagram before: no radio sends a picture in one breath.
 * A datagram belongs to one picture. Prints a line for each: CLOCK_MONOTONIC microseconds when its last datagram was
 * handed to the system, and its datagrams.
 */
#include "sockets.h"

#define PACKET 188
#define DATAGRAM (7 * PACKET)
#define VIDEO_PID 0x100 /* ffmpeg's first elementary stream */

int main(int argc, char **argv) {
  if (argc < 5) die("usage: camera PORT FILE RATE AIR_US");
  prctl(PR_SET_TIMERSLACK, 1);
  double rate = atof(argv[3]);
  int air = atoi(argv[4]);
  FILE *file = fopen(argv[2], "rb");
  if (!file) die("cannot read %s", argv[2]);
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  unsigned char *b = malloc(size);
  if (fread(b, 1, size, file) != (size_t)size) die("cannot read %s", argv[2]);
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = loopback(atoi(argv[1]));
  if (connect(udp, (void *)&address, sizeof address) != 0) die("cannot send");
  int64_t began = now_us(CLOCK_MONOTONIC), due, left = 0;
  long at = 0;
  for (int picture = 0; at < size; picture++) {
    long end = at, starts = 0;
    for (; end < size; end += PACKET) {
      int pid = (b[end + 1] & 0x1f) << 8 | b[end + 2];
      if (pid == VIDEO_PID && (b[end + 1] & 0x40) && ++starts == 2) break;
    }
    due = began + (int64_t)(picture * 1e6 / rate);
    wait_until(due);
    long datagrams = 0;
    int64_t last = 0;
    for (; at < end; at += DATAGRAM, datagrams++) {
      /* A radio that was held up sends no faster afterwards. */
      due = left + air > due ? left + air : due;
      wait_until(due);
      last = left = now_us(CLOCK_MONOTONIC);
      long n = end - at < DATAGRAM ? end - at : DATAGRAM;
      if (send(udp, b + at, n, 0) < 0 && errno != ECONNREFUSED) die("cannot send: %s", strerror(errno));
    }
    at = end;
    printf("%lld %ld\n", (long long)last, datagrams);
  }
  return 0;
}
