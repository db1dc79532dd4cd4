// The LAC kernel for the baseline of the architecture: SSE2 on x86-64, NEON on arm64.
#include "lac_kernel.h"

#pragma GCC diagnostic ignored "-Wpsabi"

namespace corpuskit::lac {
namespace {

#define LAC_TARGET
#define LAC_VECTOR_BYTES 16
#define LAC_TILE_ROWS 6
#include "lac_kernel_body.h"

bool supported() { return true; }

}  // namespace

const Kernel kPortableKernel = {"portable", kWidth, kPanel, supported, tag, project};

}  // namespace corpuskit::lac
