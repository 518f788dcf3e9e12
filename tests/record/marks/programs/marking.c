/* As marking.py, in C and in C++; `second` is in a file of its own (second.c), so that two files include the header. */
#include "ortprof_marks.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C"
#endif
void second(void);

static void mark(void) {
#ifdef __cplusplus
  ortprof::request marked;
#else
  uint64_t began = ortprof_request_begin();
  ortprof_request_end(began);
#endif
}

static void say_marked(void (*how)(void)) {
  unsigned long long before = ortprof_marks_now();
  how();
  printf("{\"before\": %llu, \"after\": %llu, \"tid\": %d}\n", before, (unsigned long long)ortprof_marks_now(),
         (int)syscall(SYS_gettid));
}

static void marking(void) {
  for (;;) {
    mark();
    usleep(1000);
  }
}

int main(void) {
  char command[16];
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("{\"pid\": %d}\n", (int)getpid());
  while (scanf("%15s", command) == 1) {
    if (strcmp(command, "mark") == 0) {
      say_marked(mark);
    } else if (strcmp(command, "second") == 0) {
      say_marked(second);
    } else if (strcmp(command, "fork") == 0) {
      pid_t child = fork();
      if (child == 0) marking();
      printf("{\"child\": %d}\n", (int)child);
    } else if (strcmp(command, "close") == 0) {
      for (int file = 3; file < 100; file++) close(file);
      printf("{}\n");
    } else if (strcmp(command, "listened") == 0) {
      mark();
      printf("{\"listened\": %s}\n", ortprof_marks->listened ? "true" : "false");
    } else if (strcmp(command, "many") == 0) {
      for (unsigned number = 0; number < 3 * ORTPROF_MARKS_RECORDS; number++) mark();
      printf("{\"requests\": %u}\n", 3 * ORTPROF_MARKS_RECORDS);
    } else if (strcmp(command, "cost") == 0) { /* ns a request, the least of some thousands */
      unsigned long long least = ~0ull;
      for (int round = 0; round < 50; round++) {
        unsigned long long before = ortprof_marks_now();
        for (int number = 0; number < 1000; number++) mark();
        unsigned long long took = ortprof_marks_now() - before;
        if (took < least) least = took;
      }
      printf("{\"ns\": %llu}\n", least / 1000);
    }
  }
  return 0;
}
