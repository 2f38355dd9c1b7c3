/*
 * The least a receiver can do: receiver PORT counts datagrams and their bytes, with the buffer that the system gives
 * everybody, until nothing has come for two seconds. Prints "listening", then both counts.
 */
#include "sockets.h"

#define SILENCE_S 2

int main(int argc, char **argv) {
  if (argc < 2) die("usage: receiver PORT");
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = loopback(atoi(argv[1]));
  if (bind(udp, (void *)&address, sizeof address) != 0) die("UDP port %s is taken", argv[1]);
  struct timeval silence = {.tv_sec = SILENCE_S};
  setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  printf("listening\n");
  fflush(stdout);
  static unsigned char datagram[65536];
  long long datagrams = 0, bytes = 0;
  for (;;) {
    ssize_t n = recv(udp, datagram, sizeof datagram, 0);
    if (n < 0 && datagrams > 0) break;
    if (n < 0) continue;
    datagrams++;
    bytes += n;
  }
  printf("%lld %lld\n", datagrams, bytes);
  return 0;
}
