/* What was done, as lines of JSON: ../report.py is their reader. */
#ifndef ORTPROF_REPORT_H
#define ORTPROF_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime.h"

enum {
  LINE_MOST = 4000,  /* bytes: a write of less than a page is not torn */
  LINES_MOST = 1000, /* that a process writes */
};

/* JSON that grows until it is cut. */
struct text {
  char bytes[LINE_MOST];
  size_t length;
  bool cut;
};

/* What became of the settings: members of three objects. */
struct outcome {
  struct text applied, refused, own; /* own: what the program had set itself */
  bool own_unread;                   /* not all of that could be read */
};

/* Adds a member to one of them. */
void add_member(struct text *object, const char *key, const char *value);

void report_hooked(const struct library *library);
void report_failure(const char *why, const struct library *library);
/* Of a session, or of pools that sessions share (`global-pools`). */
void report_outcome(const char *event, const struct library *library, const struct outcome *outcome);

#endif
