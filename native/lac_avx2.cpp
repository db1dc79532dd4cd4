// The LAC kernel for AVX2 and FMA.
#if defined(__x86_64__)

#include "lac_kernel.h"

#pragma GCC diagnostic ignored "-Wpsabi"

namespace corpuskit::lac {
namespace {

#define LAC_TARGET __attribute__((target("avx2,fma")))
#define LAC_VECTOR_BYTES 32
#define LAC_TILE_ROWS 6
#include "lac_kernel_body.h"

bool supported() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

}  // namespace

const Kernel kAvx2Kernel = {"avx2", kWidth, kPanel, supported, tag, project};

}  // namespace corpuskit::lac

#endif
