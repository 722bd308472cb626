#include <stddef.h>
#include <stdint.h>

// libFuzzer brings the main function. The package manager gives every program of Swift one of its
// own; to a program of C it gives none.

void mcpdash_fuzz(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  mcpdash_fuzz(bytes, count);
  return 0;
}
