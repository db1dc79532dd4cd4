// The LAC kernel for AVX-512.
#if defined(__x86_64__)

#include "lac_kernel.h"

#pragma GCC diagnostic ignored "-Wpsabi"

namespace corpuskit::lac {
namespace {

#define LAC_TARGET __attribute__((target("avx512f,avx2,fma")))
#define LAC_VECTOR_BYTES 64
#define LAC_TILE_ROWS 12
#include "lac_kernel_body.h"

bool supported() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma"); }

}  // namespace

const Kernel kAvx512Kernel = {"avx512", kWidth, kPanel, supported, tag, project};

}  // namespace corpuskit::lac

#endif
