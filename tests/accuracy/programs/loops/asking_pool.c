/* Polls as LLVM's OpenMP does: asks through a pointer, notes that it waits, and pauses. */
static int unasked(void) { return 0; }
static int (*volatile ask)(void) = unasked;
static volatile int waits;
#define POLL (ask() ? (void)0 : (void)(waits = 1), __builtin_ia32_pause())
#include "handed_over.h"
