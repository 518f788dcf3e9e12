#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wanted.h"

static void add_raw(struct text *text, const char *bytes, size_t count) {
  if (text->length + count >= sizeof text->bytes) {
    text->cut = true;
    return;
  }
  memcpy(text->bytes + text->length, bytes, count);
  text->length += count;
}

static void add(struct text *text, const char *bytes) { add_raw(text, bytes, strlen(bytes)); }

/* Bytes of the UTF-8 character that begins here; 0 where none does (RFC 3629). */
static size_t character(const unsigned char *at) {
  static const struct {
    unsigned char least, most, least_second, most_second, bytes;
  } forms[] = {
      {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
  };
  for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
    if (*at < forms[form].least || *at > forms[form].most) continue;
    if (forms[form].bytes == 1) return 1;
    if (at[1] < forms[form].least_second || at[1] > forms[form].most_second) return 0;
    for (size_t next = 2; next < forms[form].bytes; next++)
      if ((at[next] & 0xc0) != 0x80) return 0;
    return forms[form].bytes;
  }
  return 0;
}

static void add_string(struct text *text, const char *value) {
  add(text, "\"");
  for (const unsigned char *at = (const unsigned char *)value; *at != 0;) {
    size_t bytes = character(at);
    if (bytes == 0) {
      add(text, "?");
      at++;
    } else if (*at < 0x20 || *at == '"' || *at == '\\' || *at == 0x7f) {
      char escaped[8];
      snprintf(escaped, sizeof escaped, "\\u%04x", *at);
      add(text, escaped);
      at++;
    } else {
      add_raw(text, (const char *)at, bytes);
      at += bytes;
    }
  }
  add(text, "\"");
}

void add_member(struct text *object, const char *key, const char *value) {
  if (object->length > 0) add(object, ",");
  add_string(object, key);
  add(object, ":");
  add_string(object, value);
}

static void begin_line(struct text *line, const char *event, const struct library *library) {
  char pid[32];
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  add(line, "{\"event\":\"");
  add(line, event);
  add(line, "\",\"how\":\"c-api\",\"pid\":");
  add(line, pid);
  if (library == NULL) return;
  add(line, ",\"library\":");
  add_string(line, library->path);
  add(line, ",\"ort\":");
  add_string(line, library_version(library));
}

/* Ends a line and appends it to this process's file. A full disk has nobody to be told. */
static void end_line(struct text *line) {
  static atomic_int written;
  add(line, "}\n");
  const char *folder = wanted()->folder;
  if (line->cut || folder[0] == 0 || atomic_fetch_add(&written, 1) >= LINES_MOST) return;
  int before = errno;
  char path[sizeof wanted()->folder + 32];
  snprintf(path, sizeof path, "%s/%d.jsonl", folder, (int)getpid());
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
  if (file >= 0) {
    ssize_t ignored = write(file, line->bytes, line->length);
    (void)ignored;
    close(file);
  }
  errno = before;
}

void report_hooked(const struct library *library) {
  struct text line = {.length = 0};
  begin_line(&line, "hooked", library);
  end_line(&line);
}

void report_failure(const char *why, const struct library *library) {
  struct text line = {.length = 0};
  begin_line(&line, "failure", library);
  add(&line, ",\"why\":");
  add_string(&line, why);
  end_line(&line);
}

static void add_object(struct text *line, const char *name, const struct text *members) {
  add(line, ",\"");
  add(line, name);
  add(line, "\":{");
  add_raw(line, members->bytes, members->length);
  add(line, "}");
  line->cut |= members->cut;
}

void report_outcome(const char *event, const struct library *library, const struct outcome *outcome) {
  struct text line = {.length = 0};
  begin_line(&line, event, library);
  add_object(&line, "applied", &outcome->applied);
  add_object(&line, "refused", &outcome->refused);
  add_object(&line, "own", &outcome->own);
  if (outcome->own_unread) add(&line, ",\"own_unread\":true");
  end_line(&line);
  if (line.cut) report_failure("what became of a session's settings is longer than a line may be", library);
}
