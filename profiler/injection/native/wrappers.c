/* A copy of a library's table of functions, with ours in the places of those that make sessions. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "own.h"
#include "report.h"
#include "runtime.h"
#include "sessions.h"
#include "wanted.h"

enum {
  LIBRARIES = 4,     /* in one process that are wrapped: as many as `WRAPPERS` are written down */
  TABLE_MOST = 4096, /* functions of a table that are copied: 1.21 has 285 */
};

static struct library libraries[LIBRARIES];
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void lock(void) {
  while (atomic_flag_test_and_set(&busy)) continue; /* held for microseconds, twice a library */
}

static void unlock(void) { atomic_flag_clear(&busy); }

static status set_own(const struct library *library, enum place place, void *options, int value) {
  status failed = CALL(library, place, status, void *, int)(options, value);
  if (failed == NULL) remember(options, place, value);
  return failed;
}

static status clone_options(const struct library *library, const void *options, void **clone) {
  status failed = CALL(library, CLONE_SESSION_OPTIONS, status, const void *, void **)(options, clone);
  if (failed == NULL) remember_clone(options, *clone);
  return failed;
}

static const function *copied_api(struct library *library, int index, uint32_t version);

#define WRAPPERS(n)                                                                                                     \
  static status create_session_##n(const void *env, const void *path, const void *options, void **session) {            \
    struct creation call = {.place = CREATE_SESSION, .env = env, .model = path, .session = session};                    \
    return create_with_settings(&libraries[n], &call, options);                                                         \
  }                                                                                                                     \
  static status create_from_array_##n(const void *env, const void *data, size_t size, const void *options,              \
                                      void **session) {                                                                 \
    struct creation call = {                                                                                            \
        .place = CREATE_SESSION_FROM_ARRAY, .env = env, .model = data, .size = size, .session = session};               \
    return create_with_settings(&libraries[n], &call, options);                                                         \
  }                                                                                                                     \
  static status create_prepacked_##n(const void *env, const void *path, const void *options, void *container,           \
                                     void **session) {                                                                  \
    struct creation call = {                                                                                            \
        .place = CREATE_SESSION_PREPACKED, .env = env, .model = path, .container = container, .session = session};      \
    return create_with_settings(&libraries[n], &call, options);                                                         \
  }                                                                                                                     \
  static status create_from_array_prepacked_##n(const void *env, const void *data, size_t size, const void *options,    \
                                                void *container, void **session) {                                      \
    struct creation call = {.place = CREATE_SESSION_FROM_ARRAY_PREPACKED,                                               \
                            .env = env,                                                                                 \
                            .model = data,                                                                              \
                            .size = size,                                                                               \
                            .container = container,                                                                     \
                            .session = session};                                                                        \
    return create_with_settings(&libraries[n], &call, options);                                                         \
  }                                                                                                                     \
  static status create_env_##n(int level, const char *id, void *options, void **env) {                                  \
    set_global_pools(&libraries[n], options);                                                                           \
    return CALL(&libraries[n], CREATE_ENV_GLOBAL_POOLS, status, int, const char *, void *, void **)(level, id, options, \
                                                                                                   env);                \
  }                                                                                                                     \
  static status create_env_logger_##n(function log, void *param, int level, const char *id, void *options,              \
                                      void **env) {                                                                     \
    set_global_pools(&libraries[n], options);                                                                           \
    return CALL(&libraries[n], CREATE_ENV_LOGGER_GLOBAL_POOLS, status, function, void *, int, const char *, void *,     \
                void **)(log, param, level, id, options, env);                                                          \
  }                                                                                                                     \
  static status set_intra_op_##n(void *options, int count) {                                                            \
    return set_own(&libraries[n], SET_INTRA_OP_THREADS, options, count);                                                \
  }                                                                                                                     \
  static status set_inter_op_##n(void *options, int count) {                                                            \
    return set_own(&libraries[n], SET_INTER_OP_THREADS, options, count);                                                \
  }                                                                                                                     \
  static status set_mode_##n(void *options, int mode) {                                                                 \
    return set_own(&libraries[n], SET_EXECUTION_MODE, options, mode);                                                   \
  }                                                                                                                     \
  static status clone_options_##n(const void *options, void **clone) {                                                  \
    return clone_options(&libraries[n], options, clone);                                                                \
  }                                                                                                                     \
  static void release_options_##n(void *options) {                                                                      \
    forget(options);                                                                                                    \
    CALL(&libraries[n], RELEASE_SESSION_OPTIONS, void, void *)(options);                                                \
  }                                                                                                                     \
  static const function *get_api_##n(uint32_t version) { return copied_api(&libraries[n], n, version); }                \
  static const struct api_base *get_base_##n(void) { return libraries[n].real_base == NULL ? NULL : &libraries[n].base; }

WRAPPERS(0) WRAPPERS(1) WRAPPERS(2) WRAPPERS(3)

#define EACH(name) {(function)name##_0, (function)name##_1, (function)name##_2, (function)name##_3}
static const struct {
  enum place place;
  function wrapper[LIBRARIES];
} wrappers[] = {
    {CREATE_SESSION, EACH(create_session)},
    {CREATE_SESSION_FROM_ARRAY, EACH(create_from_array)},
    {CREATE_SESSION_PREPACKED, EACH(create_prepacked)},
    {CREATE_SESSION_FROM_ARRAY_PREPACKED, EACH(create_from_array_prepacked)},
    {SET_INTRA_OP_THREADS, EACH(set_intra_op)},
    {SET_INTER_OP_THREADS, EACH(set_inter_op)},
    {SET_EXECUTION_MODE, EACH(set_mode)},
    {CLONE_SESSION_OPTIONS, EACH(clone_options)},
    {RELEASE_SESSION_OPTIONS, EACH(release_options)},
    {CREATE_ENV_GLOBAL_POOLS, EACH(create_env)},
    {CREATE_ENV_LOGGER_GLOBAL_POOLS, EACH(create_env_logger)},
};
static const function get_apis[LIBRARIES] = EACH(get_api);
static const function get_bases[LIBRARIES] = EACH(get_base);

struct mapping {
  uintptr_t within, end;
};

static int find_mapping(struct dl_phdr_info *object, size_t size, void *found) {
  struct mapping *mapping = found;
  (void)size;
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    if (segment->p_type == PT_LOAD && mapping->within >= start && mapping->within < start + segment->p_memsz) {
      mapping->end = start + segment->p_memsz;
      return 1;
    }
  }
  return 0;
}

/* A copy of a table, whose length nobody says: of what follows it in its segment too much is copied, and never called. */
static function *copy_table(const function *table) {
  struct mapping mapping = {.within = (uintptr_t)table, .end = 0};
  if (!dl_iterate_phdr(find_mapping, &mapping)) return NULL;
  size_t length = (mapping.end - mapping.within) / sizeof *table;
  if (length <= LAST_IN_EVERY_VERSION) return NULL;
  if (length > TABLE_MOST) length = TABLE_MOST;
  function *copy = malloc(length * sizeof *copy);
  if (copy != NULL) memcpy(copy, table, length * sizeof *copy);
  return copy;
}

static const function *copied_api(struct library *library, int index, uint32_t version) {
  const function *table = library->real_base->get_api(version);
  if (table == NULL) return NULL;  /* older than the program asks for: the program's to handle */
  const char *failed = NULL;
  bool first = false;
  lock();
  if (library->api == NULL) {
    function *copy = copy_table(table);
    if (copy == NULL) {
      failed = "the table of functions could not be copied";
    } else {
      library->real_api = table;
      for (size_t wrapper = 0; wrapper < sizeof wrappers / sizeof *wrappers; wrapper++)
        copy[wrappers[wrapper].place] = wrappers[wrapper].wrapper[index];
      library->api = copy;
      first = true;
    }
  } else if (library->real_api != table) {
    failed = "the library has a second table of functions";
  }
  unlock();
  if (first) report_hooked(library);
  if (failed != NULL) report_failure(failed, library);
  return failed == NULL ? library->api : table;
}

/* The wrapped form of a library's `OrtGetApiBase`; the library's own where there is no room for one. */
get_base wrapped(get_base real) {
  const struct api_base *real_base = real();
  if (real_base == NULL || wanted()->folder[0] == 0) return real;
  get_base found = NULL;
  lock();
  for (int index = 0; index < LIBRARIES && found == NULL; index++) {
    struct library *library = &libraries[index];
    if (library->real_get_base == NULL) {
      Dl_info info = {.dli_fname = NULL};
      dladdr((void *)real, &info);
      snprintf(library->path, sizeof library->path, "%s", info.dli_fname == NULL ? "" : info.dli_fname);
      library->base.get_api = (const function *(*)(uint32_t))get_apis[index];
      library->base.get_version_string = real_base->get_version_string;
      library->real_base = real_base;
      library->real_get_base = real;
    }
    if (library->real_get_base == real) found = (get_base)get_bases[index];
  }
  unlock();
  if (found == NULL) report_failure("the process holds more ONNX Runtime libraries than are wrapped", NULL);
  return found == NULL ? real : found;
}
