// The LAC network's arithmetic, as plain data and one table of functions per instruction set.
//
// The network (Baidu LAC 2.1.2; Jiao, Sun and Sun, "Chinese Lexical Analysis with Deep
// Bi-GRU-CRF Network", 2018): token ids -> embedding -> two bidirectional GRU layers -> linear
// -> linear-chain CRF. Everything is float32.
//
// Matrices are stored as panels: [panel][depth][panel width], so that the inner loop of a
// product reads its weights in order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace corpuskit::lac {

// A row of GRU state is [h | x | r*h]: the gates read the first two parts, the candidate the
// last two, each as one contiguous vector. The stride is fixed, and odd in cache lines so that
// the rows of a tile fall into different cache sets.
constexpr int kRowStride = 528;
constexpr int kMaxRowWidth = 512;

// Exponents are clamped to this magnitude: beyond it sigma and tanh no longer change in float32,
// and a product of two exponentials stays finite.
constexpr float kMaxExponent = 40.0F;

// One direction of one GRU layer. The reset gate is applied before the product (Paddle's
// origin_mode=False): h' = h + u * (tanh(x W_c + (r*h) U_c + b_c) - h).
struct Cell {
  int input = 0;                      // width of x; 0 when x is in the table below
  const float* bias = nullptr;        // [3*hidden]: update, reset, candidate
  const float* table = nullptr;       // [tokens][table_stride]: x W + b per token, or null
  const float* embedding = nullptr;   // [tokens][input]: x per token, or null
  std::size_t table_stride = 0;
  const float* gates = nullptr;       // panels of [h; x] -> [update | reset]
  const float* candidate = nullptr;   // panels of [x; r*h] -> candidate
  const float* output = nullptr;      // panels of h -> emissions (last layer only)
};

struct Network {
  int hidden = 0;
  int labels = 0;
  int padded_labels = 0;              // a multiple of the vector width
  Cell cells[2][2];                   // [layer][direction], direction 1 runs backwards
  const float* output_bias = nullptr; // [padded_labels]
  const float* start = nullptr;       // [padded_labels]
  const float* stop = nullptr;        // [padded_labels]
  const float* transition = nullptr;  // [labels (from)][padded_labels (to)]
};

// Sequences sorted by length, longest first, and the scratch memory for them.
struct Batch {
  int rows = 0;
  const std::int64_t* begin = nullptr;   // [rows]: first token of the row in the arrays below
  const std::int64_t* length = nullptr;  // [rows]
  const std::int32_t* ids = nullptr;     // [tokens]
  float* outputs = nullptr;              // [tokens][2*hidden]: the first layer's states
  float* emissions = nullptr;            // [tokens][padded_labels]
  float* state = nullptr;                // [rows][kRowStride]
  float* update = nullptr;               // [rows][hidden]
  const float** initial = nullptr;       // [rows]: what the pre-activations start from
  std::int64_t* position = nullptr;      // [rows]: the token of this step
  std::int32_t* backpointers = nullptr;  // [longest][padded_labels]
  std::uint8_t* tags = nullptr;          // [tokens]: the result
};

struct Kernel {
  const char* name;
  int width;  // floats in a vector
  int panel;  // columns in a panel of a GRU matrix; those of `output` are one vector wide
  bool (*supported)();
  // Labels every token of a batch. First maximum wins in the Viterbi search.
  void (*tag)(const Network& network, Batch& batch);
  // rows[i] = bias + inputs[i] W, W given as panels of [depth -> columns].
  void (*project)(const float* inputs, std::int64_t count, int depth, const float* panels,
                  int columns, const float* bias, float* rows, std::size_t row_stride);
};

extern const Kernel kPortableKernel;
#if defined(__x86_64__)
extern const Kernel kAvx2Kernel;
extern const Kernel kAvx512Kernel;
#endif

}  // namespace corpuskit::lac
