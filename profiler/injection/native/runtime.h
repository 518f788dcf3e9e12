/* ONNX Runtime's C interface, as far as it is needed here, and one library of it in the process.
 *
 * The table of functions is `OrtApi` of onnxruntime_c_api.h. It has pointers to functions alone, and grows at its end
 * alone ("all additions must be at the end"), so that a function has the same place in every version. Places are
 * counted in 1.21's header; all but two were there in 1.11.
 */
#ifndef ORTPROF_RUNTIME_H
#define ORTPROF_RUNTIME_H

#include <stdint.h>

enum place {
  GET_ERROR_MESSAGE = 2,
  CREATE_SESSION = 7,
  CREATE_SESSION_FROM_ARRAY = 8,
  CREATE_SESSION_OPTIONS = 10,
  CLONE_SESSION_OPTIONS = 12,
  SET_EXECUTION_MODE = 13,
  SET_INTRA_OP_THREADS = 24,
  SET_INTER_OP_THREADS = 25,
  RELEASE_STATUS = 93,
  RELEASE_SESSION_OPTIONS = 100,
  CREATE_ENV_GLOBAL_POOLS = 119,
  ADD_SESSION_ENTRY = 130,
  SET_GLOBAL_INTRA_OP_THREADS = 147,
  SET_GLOBAL_INTER_OP_THREADS = 148,
  SET_GLOBAL_SPINNING = 149,
  CREATE_ENV_LOGGER_GLOBAL_POOLS = 151,
  CREATE_SESSION_PREPACKED = 168,
  CREATE_SESSION_FROM_ARRAY_PREPACKED = 169,
  LAST_IN_EVERY_VERSION = CREATE_SESSION_FROM_ARRAY_PREPACKED,
  HAS_SESSION_ENTRY = 237, /* since 1.14 */
  GET_SESSION_ENTRY = 238, /* since 1.14 */
};
enum { ENTRIES_READABLE_SINCE = 14 };

typedef void *status; /* NULL is success */
typedef void (*function)(void);

struct api_base {
  const function *(*get_api)(uint32_t version);
  const char *(*get_version_string)(void);
};
typedef const struct api_base *(*get_base)(void);

/* One ONNX Runtime in the process. Its functions take nothing that says whose they are, so each library has wrappers
 * of its own: wrappers.c. */
struct library {
  get_base real_get_base;
  const struct api_base *real_base;
  struct api_base base; /* what the program gets instead */
  const function *real_api;
  function *api; /* what the program gets instead */
  char path[1024];
};

/* Calls a function of the library's own table; what follows the place is its type, then come its arguments. */
#define CALL(library, place, returned, ...) ((returned(*)(__VA_ARGS__))(library)->real_api[place])

static inline const char *library_version(const struct library *library) {
  const char *version = library->real_base->get_version_string();
  return version == 0 ? "" : version;
}

static inline const char *message(const struct library *library, status failed) {
  return CALL(library, GET_ERROR_MESSAGE, const char *, const void *)(failed);
}

static inline void release_status(const struct library *library, status failed) {
  CALL(library, RELEASE_STATUS, void, status)(failed);
}

/* wrappers.c */
get_base wrapped(get_base real);

#endif
