/* A program that knows nothing of ONNX Runtime and opens a plug-in that does, as Node and Java do. */
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **arguments) {
  void *plug_in = dlopen(arguments[1], RTLD_LAZY | RTLD_LOCAL);
  if (plug_in == NULL) {
    printf("error %s\n", dlerror());
    return 1;
  }
  return ((int (*)(int, char **))dlsym(plug_in, "plug_in_main"))(count - 1, arguments + 1);
}
