#include "ortprof_marks.h"

#ifdef __cplusplus
extern "C"
#endif
void second(void) {
  uint64_t began = ortprof_request_begin();
  ortprof_request_end(began);
}
