/* Polls with PAUSE. */
#define POLL __builtin_ia32_pause()
#include "handed_over.h"
