/* Thread counts and execution mode that a program sets itself: the C interface sets them and never says them. */
#ifndef ORTPROF_OWN_H
#define ORTPROF_OWN_H

#include <stdbool.h>

#include "runtime.h"

/* The program has set one of the three on its options. */
void remember(const void *options, enum place place, int value);
/* It has made options of others. */
void remember_clone(const void *options, const void *clone);
/* It has released options, whose address may be given to others next. */
void forget(const void *options);

/* What it has set: 0 for nothing, which is the default of each. `*unknown` where too much was remembered. */
int remembered(const void *options, enum place place, bool *unknown);

#endif
