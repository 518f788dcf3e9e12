/* Makes sessions through ONNX Runtime's C interface as programs do, and says what threads they start.
 *
 * session HOW... : each HOW makes one and prints a line. Compiled with -DLINKED it is linked against the library; else
 * it opens $LIBRARY. MODEL names the model, x of 512 by 512 to y. Places in the table are 1.21's header's.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { API_VERSION = 11, SIDE = 512, IDLE_MS = 300, FLOAT = 1, ARENA = 1, SEQUENTIAL = 0 };

typedef void *status;
typedef void (*function)(void);
struct api_base {
  const function *(*get_api)(uint32_t version);
  const char *(*get_version_string)(void);
};

static const function *api;
static void *env;

#define CALL(place, returned, ...) ((returned(*)(__VA_ARGS__))api[place])

static void require(status failed) {
  if (failed == NULL) return;
  printf("error %s\n", CALL(2, const char *, status)(failed));
  exit(1);
}

#ifdef LINKED
const struct api_base *OrtGetApiBase(void);
static const struct api_base *base(void) { return OrtGetApiBase(); }
#else
static const struct api_base *base(void) {
  void *library = dlopen(getenv("LIBRARY"), RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    printf("error %s\n", dlerror());
    exit(1);
  }
  return ((const struct api_base *(*)(void))dlsym(library, "OrtGetApiBase"))();
}
#endif

static int threads(void) {
  DIR *tasks = opendir("/proc/self/task");
  int count = -2; /* . and .. */
  while (readdir(tasks) != NULL) count++;
  closedir(tasks);
  return count;
}

static void *file(const char *path, size_t *size) {
  static char bytes[4 << 20];
  FILE *open = fopen(path, "rb");
  *size = fread(bytes, 1, sizeof bytes, open);
  fclose(open);
  return bytes;
}

static void *own_options(int count) {
  void *options = NULL;
  require(CALL(10, status, void **)(&options));
  require(CALL(24, status, void *, int)(options, count));
  require(CALL(130, status, void *, const char *, const char *)(options, "session.intra_op.allow_spinning", "1"));
  return options;
}

static status make(const char *how, const char *model, void **session) {
  size_t size = 0;
  void *container = NULL;
  if (strcmp(how, "missing") == 0)
    return CALL(7, status, void *, const char *, void *, void **)(env, "/nowhere.onnx", own_options(2), session);
  if (strcmp(how, "own") == 0)
    return CALL(7, status, void *, const char *, void *, void **)(env, model, own_options(5), session);
  if (strcmp(how, "array") == 0) {
    void *bytes = file(model, &size);
    return CALL(8, status, void *, void *, size_t, void *, void **)(env, bytes, size, own_options(4), session);
  }
  if (strcmp(how, "prepacked") == 0) {
    require(CALL(166, status, void **)(&container));
    return CALL(168, status, void *, const char *, void *, void *, void **)(env, model, own_options(4), container, session);
  }
  if (strcmp(how, "array-prepacked") == 0) {
    void *bytes = file(model, &size);
    require(CALL(166, status, void **)(&container));
    return CALL(169, status, void *, void *, size_t, void *, void *, void **)(env, bytes, size, own_options(4), container,
                                                                              session);
  }
  return CALL(7, status, void *, const char *, void *, void **)(env, model, NULL, session);
}

static double cpu_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * (double)now.tv_sec + (double)now.tv_nsec / 1e6;
}

/* CPU time that the process takes in a while after a request: what its pool spins. */
static double idle_cpu_ms(void *session) {
  static float values[SIDE * SIDE];
  const int64_t shape[] = {SIDE, SIDE};
  const char *input_name = "x", *output_name = "y";
  void *memory = NULL, *input = NULL, *output = NULL;
  require(CALL(69, status, int, int, void **)(ARENA, 0, &memory));
  require(CALL(49, status, void *, void *, size_t, const int64_t *, size_t, int, void **)(memory, values, sizeof values, shape,
                                                                                       2, FLOAT, &input));
  require(CALL(9, status, void *, void *, const char **, void **, size_t, const char **, size_t, void **)(
      session, NULL, &input_name, &input, 1, &output_name, 1, &output));
  double before = cpu_ms();
  struct timespec idle = {.tv_nsec = IDLE_MS * 1000000L};
  nanosleep(&idle, NULL);
  return cpu_ms() - before;
}

int main(int count, char **how) {
  const char *model = getenv("MODEL");
  const struct api_base *found = base();
  const char *left = dlerror();
  if (left != NULL) printf("error left behind: %s\n", left);
  api = found->get_api(API_VERSION);
  if (count > 1 && strcmp(how[1], "global") == 0) {
    void *pools = NULL;
    require(CALL(121, status, void **)(&pools));
    int before = threads();
    require(CALL(147, status, void *, int)(pools, 6));
    require(CALL(119, status, int, const char *, void *, void **)(3, "test", pools, &env));
    printf("global %d\n", threads() - before);
    return 0;
  }
  require(CALL(3, status, int, const char *, void **)(3, "test", &env));
  for (int index = 1; index < count; index++) {
    void *session = NULL;
    int before = threads();
    status failed = make(how[index], model, &session);
    if (failed != NULL)
      printf("%s %s\n", how[index], CALL(2, const char *, status)(failed));
    else if (strcmp(how[index], "burn") == 0)
      printf("burn %.1f\n", idle_cpu_ms(session));
    else
      printf("%s %d\n", how[index], threads() - before);
  }
  return 0;
}
