/* Prints which libraries' `who` were asked, and what the global scope has of two names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

int who(void);

int main(void) {
  printf("%d %d %d\n", who(), dlsym(RTLD_DEFAULT, "who") != NULL, dlsym(RTLD_DEFAULT, "OrtGetApiBase") != NULL);
  return 0;
}
