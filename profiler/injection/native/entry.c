/* Gives settings to every session that a program makes through ONNX Runtime's C interface.
 *
 * Preloaded (LD_PRELOAD), this stands before `OrtGetApiBase` and `dlsym`, and hands out a copy of the runtime's table of
 * functions (wrappers.c), in which those that make sessions set ours on a clone of the program's options (sessions.c).
 * Settings come from the environment (wanted.c), what became of them goes to a folder of ours (report.c). Where
 * anything of ours fails, the program gets what it would have got without us. Nothing but glibc is needed, and of that
 * nothing that is younger than the compiler's own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>

#include "runtime.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED const struct api_base *OrtGetApiBase(void);

typedef void *(*lookup)(void *handle, const char *name);

/* The version that `dlsym` has had from the first glibc of an architecture on: every one has it, so that nothing fails
 * here, which the program would find in `dlerror`. */
#if defined __x86_64__
#define FIRST_GLIBC "GLIBC_2.2.5"
#elif defined __aarch64__
#define FIRST_GLIBC "GLIBC_2.17"
#else
#error "known for x86-64 and aarch64"
#endif

static lookup real_dlsym(void) {
  static _Atomic(lookup) found;
  lookup real = atomic_load(&found);
  if (real == NULL) {
    real = (lookup)dlvsym(RTLD_NEXT, "dlsym", FIRST_GLIBC);
    atomic_store(&found, real);
  }
  return real;
}

static get_base in_object(const char *name) {
  void *handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == NULL) return NULL;
  get_base found = (get_base)real_dlsym()(handle, "OrtGetApiBase");
  dlclose(handle);
  return found == OrtGetApiBase ? NULL : found;
}

/* The `OrtGetApiBase` that code at an address would have called without us; NULL for none.
 *
 * Loaded with the program, it comes next after us. A plug-in (Node's, Java's) brings its own, which only it sees. */
static get_base behind_us(const void *caller) {
  Dl_info info;
  struct link_map *object = NULL;
  get_base found = NULL;
  if (dladdr1(caller, &info, (void **)&object, RTLD_DL_LINKMAP) && object != NULL && object->l_name[0] != 0)
    found = in_object(object->l_name);
  if (found == NULL) found = (get_base)real_dlsym()(RTLD_NEXT, "OrtGetApiBase");
  while (object != NULL && object->l_prev != NULL) object = object->l_prev;
  for (; found == NULL && object != NULL; object = object->l_next)
    if (object->l_name[0] != 0) found = in_object(object->l_name);
  dlerror(); /* what was not found on the way is not the program's to see */
  return found;
}

EXPORTED const struct api_base *OrtGetApiBase(void) {
  get_base real = behind_us(__builtin_return_address(0));
  return real == NULL ? NULL : wrapped(real)();
}

/* A program that opens the library itself asks for the function by name. The real dlsym looks at its caller
 * (RTLD_NEXT, RTLD_DEFAULT), so that it is jumped to and not called: a test holds the compiler to it. */
EXPORTED void *dlsym(void *restrict handle, const char *restrict name) {
  lookup real = real_dlsym();
  if (strcmp(name, "OrtGetApiBase") == 0 && handle != RTLD_NEXT) {
    get_base found = handle == RTLD_DEFAULT ? OrtGetApiBase : (get_base)real(handle, name);
    if (found == OrtGetApiBase)  /* the global scope, in which we come first */
      return behind_us(__builtin_return_address(0)) == NULL ? NULL : (void *)OrtGetApiBase;
    return found == NULL ? NULL : (void *)wrapped(found);
  }
  return real(handle, name);
}
