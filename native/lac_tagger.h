// Runs the LAC network over sequences of ids: packs the weights once, then sorts, batches, tags.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "lac_kernel.h"

namespace corpuskit::lac {

// Uninitialised floats on a cache-line boundary.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t count)
      : data_(static_cast<float*>(::operator new(count * sizeof(float), kAlign))) {}
  float* get() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kAlign{64};
  struct Free {
    void operator()(float* p) const { ::operator delete(p, kAlign); }
  };
  std::unique_ptr<float, Free> data_;
};

// The weights as they are trained, row-major float32.
struct CellWeights {
  const float* input;      // [input width][3*hidden]
  const float* bias;       // [3*hidden]
  const float* gates;      // [hidden][2*hidden]: update | reset
  const float* candidate;  // [hidden][hidden]
};

struct Weights {
  int hidden;
  int labels;
  int embedding_width;
  std::int64_t tokens;
  const float* embedding;    // [tokens][embedding_width]; must outlive the tagger
  CellWeights cells[2][2];   // [layer][direction]
  const float* output;       // [2*hidden][labels]
  const float* output_bias;  // [labels]
  const float* crf;          // [2+labels][labels]: start, stop, then from -> to
};

class Tagger {
 public:
  // With `tabulate` the first layer's input products are computed here, once per token
  // (24*hidden bytes each), instead of at every occurrence.
  Tagger(const Kernel& kernel, const Weights& weights, bool tabulate);

  // tags[i] for ids[i]; sequence s is ids[begin[s], begin[s+1]). Thread-safe.
  void tag(const std::int32_t* ids, const std::int64_t* begin, std::int64_t sequences,
           std::uint8_t* tags) const;

  const Kernel& kernel() const { return kernel_; }

 private:
  const float* keep(Buffer buffer);
  const float* pack(const std::vector<float>& matrix, int columns, int panel);
  const float* pad(const float* values, int rows);
  Cell make_cell(const Weights& weights, int layer, int direction, bool tabulate);
  void tabulate(const Weights& weights);
  void tag_batch(const std::int32_t* ids, const std::vector<std::int64_t>& begin,
                 const std::vector<std::int64_t>& length, std::uint8_t* tags) const;

  const Kernel& kernel_;
  Network network_;
  std::vector<Buffer> buffers_;
};

// The kernels this machine can run, best first.
std::vector<const Kernel*> supported_kernels();

}  // namespace corpuskit::lac
