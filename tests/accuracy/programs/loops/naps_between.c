/* A program that works now and then: each round calls what it was given, through a pointer, and sleeps. It does not
   poll, although each way round passes a pause; nor does a sleep that is taken up again after a signal. */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int rounds;

static void serve(void) { rounds++; }

static void (*volatile handler)(void) = serve;

static __attribute__((noinline)) void nap(void) {
  const struct timespec time = {0, 1000000};
  nanosleep(&time, NULL);
}

static __attribute__((noinline)) void nap_whole(void) {
  struct timespec time = {0, 1000000};
  while (nanosleep(&time, &time) == -1 && errno == EINTR) {
  }
}

int main(int count, char **arguments) {
  (void)arguments;
  for (int k = 0; k < 100 * count; k++) {
    handler();
    usleep(1000);
  }
  for (int k = 0; k < 100 * count; k++) {
    handler();
    nap();
    nap_whole();
  }
  printf("%d\n", rounds);
  return 0;
}
