/* What every session is to get, as the environment says it: ../environment.py. */
#ifndef ORTPROF_WANTED_H
#define ORTPROF_WANTED_H

#include "runtime.h"

enum { ENTRIES_MOST = 64 };

struct setting {
  const char *key;  /* as in reports */
  char value[2049]; /* ONNX Runtime takes 2048 bytes */
  enum place place; /* of the function that sets it */
};

struct wanted {
  char folder[3072]; /* for reports; empty: leave the program alone */
  char keys[ENTRIES_MOST][1025];
  struct setting settings[ENTRIES_MOST + 3];
  int count;
};

/* Reads the environment at the first call. */
const struct wanted *wanted(void);

/* The number that text begins with, at most six digits of it; 0 for none. */
int number(const char *digits);

#endif
