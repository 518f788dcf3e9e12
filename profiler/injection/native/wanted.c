#include "wanted.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct wanted read_once;

/* Not strtol: of 2023 on, glibc's header makes another function of it, which an older C library does not have. */
int number(const char *digits) {
  int value = 0;
  while (*digits >= '0' && *digits <= '9' && value < 100000) value = 10 * value + *digits++ - '0';
  return value;
}

static void want(const char *key, const char *value, enum place place) {
  struct setting *setting = &read_once.settings[read_once.count++];
  setting->key = key;
  setting->place = place;
  snprintf(setting->value, sizeof setting->value, "%s", value);
}

static void want_variable(const char *variable, const char *key, enum place place) {
  const char *value = getenv(variable);
  if (value != NULL) want(key, value, place);
}

static void read_environment(void) {
  const char *folder = getenv("ORTPROF_INJECTION_FOLDER");
  if (folder != NULL && strlen(folder) < sizeof read_once.folder) strcpy(read_once.folder, folder);
  want_variable("ORTPROF_INJECTION_THREADS", "intra_op_num_threads", SET_INTRA_OP_THREADS);
  want_variable("ORTPROF_INJECTION_INTER_OP_THREADS", "inter_op_num_threads", SET_INTER_OP_THREADS);
  want_variable("ORTPROF_INJECTION_EXECUTION_MODE", "execution_mode", SET_EXECUTION_MODE);
  for (int entry = 0; entry < ENTRIES_MOST; entry++) {
    char variable[64];
    snprintf(variable, sizeof variable, "ORTPROF_INJECTION_ENTRY_%d", entry);
    const char *text = getenv(variable);
    const char *space = text == NULL ? NULL : strchr(text, ' ');
    if (space == NULL || (size_t)(space - text) >= sizeof read_once.keys[entry]) break;
    memcpy(read_once.keys[entry], text, (size_t)(space - text));
    want(read_once.keys[entry], space + 1, ADD_SESSION_ENTRY);
  }
}

const struct wanted *wanted(void) {
  enum { UNREAD, BEING_READ, READ };
  static atomic_int state = UNREAD;
  int unread = UNREAD;
  if (atomic_compare_exchange_strong(&state, &unread, BEING_READ)) {
    read_environment();
    atomic_store(&state, READ);
  }
  while (atomic_load(&state) != READ) continue; /* another thread reads it: microseconds */
  return &read_once;
}
