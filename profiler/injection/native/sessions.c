#include "sessions.h"

#include <stdio.h>
#include <string.h>

#include "own.h"
#include "report.h"
#include "wanted.h"

static status create(const struct library *library, const struct creation *call, const void *options) {
  switch (call->place) {
    case CREATE_SESSION_FROM_ARRAY:
      return CALL(library, CREATE_SESSION_FROM_ARRAY, status, const void *, const void *, size_t, const void *, void **)(
          call->env, call->model, call->size, options, call->session);
    case CREATE_SESSION_PREPACKED:
      return CALL(library, CREATE_SESSION_PREPACKED, status, const void *, const void *, const void *, void *, void **)(
          call->env, call->model, options, call->container, call->session);
    case CREATE_SESSION_FROM_ARRAY_PREPACKED:
      return CALL(library, CREATE_SESSION_FROM_ARRAY_PREPACKED, status, const void *, const void *, size_t, const void *,
                  void *, void **)(call->env, call->model, call->size, options, call->container, call->session);
    default:
      return CALL(library, CREATE_SESSION, status, const void *, const void *, const void *, void **)(
          call->env, call->model, options, call->session);
  }
}

/* The second number of "1.21.0", which is the version of the interface. */
static int interface_version(const struct library *library) {
  const char *dot = strchr(library_version(library), '.');
  return dot == NULL ? 0 : number(dot + 1);
}

/* Notes an entry that the program has set itself. */
static void note_own_entry(const struct library *library, const void *options, const char *key, struct outcome *outcome) {
  if (interface_version(library) < ENTRIES_READABLE_SINCE) {
    outcome->own_unread = true;
    return;
  }
  int there = 0;
  status failed = CALL(library, HAS_SESSION_ENTRY, status, const void *, const char *, int *)(options, key, &there);
  if (failed == NULL && there) {
    char value[2049] = "";
    size_t size = sizeof value;
    failed = CALL(library, GET_SESSION_ENTRY, status, const void *, const char *, char *, size_t *)(options, key, value,
                                                                                                    &size);
    if (failed == NULL) add_member(&outcome->own, key, value);
  }
  if (failed != NULL) {
    outcome->own_unread = true;
    release_status(library, failed);
  }
}

static void note_own(const struct library *library, const void *options, const struct setting *setting,
                     struct outcome *outcome) {
  if (options == NULL) return; /* the program has set nothing */
  if (setting->place == ADD_SESSION_ENTRY) {
    note_own_entry(library, options, setting->key, outcome);
    return;
  }
  int value = remembered(options, setting->place, &outcome->own_unread);
  char count[16];
  snprintf(count, sizeof count, "%d", value);
  if (value != 0) add_member(&outcome->own, setting->key, setting->place == SET_EXECUTION_MODE ? "parallel" : count);
}

static status set(const struct library *library, void *options, const struct setting *setting) {
  switch (setting->place) {
    case ADD_SESSION_ENTRY:
      return CALL(library, ADD_SESSION_ENTRY, status, void *, const char *, const char *)(options, setting->key,
                                                                                         setting->value);
    case SET_EXECUTION_MODE:
      return CALL(library, SET_EXECUTION_MODE, status, void *, int)(options, strcmp(setting->value, "parallel") == 0);
    default:
      return CALL(library, setting->place, status, void *, int)(options, number(setting->value));
  }
}

static void note_set(const struct library *library, const struct setting *setting, status failed, struct outcome *outcome) {
  if (failed == NULL) {
    add_member(&outcome->applied, setting->key, setting->value);
    return;
  }
  add_member(&outcome->refused, setting->key, message(library, failed));
  release_status(library, failed);
}

/* The program gets its session without us, or its own error. */
static status create_without(const struct library *library, const struct creation *call, const void *options,
                             status failed, const struct outcome *attempt) {
  status without = create(library, call, options);
  if (without == NULL) {
    struct outcome outcome = {.own = attempt->own, .own_unread = attempt->own_unread};
    for (int index = 0; index < wanted()->count; index++)
      add_member(&outcome.refused, wanted()->settings[index].key, message(library, failed));
    report_outcome("session", library, &outcome);
  }
  release_status(library, failed);
  return without;
}

status create_with_settings(const struct library *library, const struct creation *call, const void *options) {
  void *changed = NULL;
  status failed = options == NULL
                      ? CALL(library, CREATE_SESSION_OPTIONS, status, void **)(&changed)
                      : CALL(library, CLONE_SESSION_OPTIONS, status, const void *, void **)(options, &changed);
  if (failed != NULL) {
    report_failure(message(library, failed), library);
    release_status(library, failed);
    return create(library, call, options);
  }
  struct outcome outcome = {.own_unread = false};
  for (int index = 0; index < wanted()->count; index++) {
    const struct setting *setting = &wanted()->settings[index];
    note_own(library, options, setting, &outcome);
    note_set(library, setting, set(library, changed, setting), &outcome);
  }
  failed = create(library, call, changed);
  if (failed == NULL)
    report_outcome("session", library, &outcome);
  else
    failed = create_without(library, call, options, failed, &outcome);
  CALL(library, RELEASE_SESSION_OPTIONS, void, void *)(changed);
  return failed;
}

/* The function that sets the same of a global pool; 0 for none. */
static enum place global_place(const struct setting *setting) {
  if (setting->place == SET_INTRA_OP_THREADS) return SET_GLOBAL_INTRA_OP_THREADS;
  if (setting->place == SET_INTER_OP_THREADS) return SET_GLOBAL_INTER_OP_THREADS;
  return strcmp(setting->key, "session.intra_op.allow_spinning") == 0 ? SET_GLOBAL_SPINNING : 0;
}

void set_global_pools(const struct library *library, void *options) {
  if (options == NULL) return;
  struct outcome outcome = {.own_unread = true};
  for (int index = 0; index < wanted()->count; index++) {
    const struct setting *setting = &wanted()->settings[index];
    enum place place = global_place(setting);
    if (place == 0) {
      add_member(&outcome.refused, setting->key, "global pools have no such setting");
      continue;
    }
    status failed = CALL(library, place, status, void *, int)(options, number(setting->value));
    note_set(library, setting, failed, &outcome);
  }
  report_outcome("global-pools", library, &outcome);
}
