/* Polls by atomic loads alone. */
#define POLL (void)0
#include "handed_over.h"
