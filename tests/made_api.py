"""A library that offers ONNX Runtime's C interface as far as where `Run` is, and a program that calls it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = """
typedef int (*function)(int);
#define OTHER(n) static int other##n(int x) { return x + n; }
OTHER(0) OTHER(1) OTHER(2) OTHER(3) OTHER(4) OTHER(5) OTHER(6) OTHER(7) OTHER(8) OTHER(10)
__attribute__((noinline)) static int run(int x) {
  if (x % 2) { volatile int odd = x; return odd * 3; }
  volatile int even = x;
  return even / 2;
}
static const function api[] = {
  other0, other1, other2, other3, other4, other5, other6, other7, other8, run, other10
};
static const function *get_api(unsigned version) { return version - 1 > 31 ? 0 : api; }
static const char *get_version(void) { return "1.32.0"; }
static const struct {
  const function *(*get_api)(unsigned);
  const char *(*version)(void);
} base = {get_api, get_version};
__attribute__((visibility("default"))) const void *OrtGetApiBase(void) { return &base; }
"""
PROGRAM = """
#include <stdio.h>
typedef int (*function)(int);
extern const struct { const function *(*get_api)(unsigned); } *OrtGetApiBase(void);
int main(void) {
  char line[16];
  const function *api = OrtGetApiBase()->get_api(11);
  do {
    puts("ready");
    fflush(stdout);
    for (int call = 0; call < 5; call++) api[9](call);
  } while (fgets(line, sizeof line, stdin));
}
"""
CALLS = 5
"""Of `Run`, for each line."""


def compile_api(folder: Path) -> tuple[Path, Path]:
    """Return the library, stripped as releases are, and the program, which says `ready` before it calls."""
    library, program = folder / "libonnxruntime.so.1", folder / "program"
    for path, code in ((folder / "library.c", LIBRARY), (folder / "program.c", PROGRAM)):
        path.write_text(code)
    hidden = ("-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-s")
    subprocess.run(["gcc", *hidden, "-o", str(library), str(folder / "library.c")], check=True)
    linked = (str(folder / "program.c"), str(library), f"-Wl,-rpath,{folder}")
    subprocess.run(["gcc", "-O2", "-o", str(program), *linked], check=True)
    return library, program
