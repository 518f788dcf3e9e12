/* Sessions and shared pools, made as a program asks and with our settings. */
#ifndef ORTPROF_SESSIONS_H
#define ORTPROF_SESSIONS_H

#include <stddef.h>

#include "runtime.h"

/* One call that makes a session: which of the four functions, and its arguments but the options. */
struct creation {
  enum place place;
  const void *env, *model;
  size_t size;
  void *container, **session;
};

/* Makes it with ours set on a clone of the program's options (NULL: the default ones), or as the program asks where
 * that fails; the returned status is what the program is to get. */
status create_with_settings(const struct library *library, const struct creation *call, const void *options);

/* Sets ours on the options of global pools: they can't be cloned. */
void set_global_pools(const struct library *library, void *options);

#endif
