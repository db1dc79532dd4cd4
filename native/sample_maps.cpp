// Sample maps: which sentences or tokens make up sample i. Two builders for sentence data
// (Megatron's, and ours), Megatron's sample index for token streams, and blending.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bindings.h"
#include "counter_rng.h"
#include "unaligned.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style>;
using Documents = Unaligned<int64_t>;  // D + 1 sentence numbers: document d is [d], [d + 1)
using Sizes = Unaligned<int32_t>;      // tokens of each sentence

// Hands a vector to NumPy without a copy.
template <typename T>
py::array_t<T> to_array(std::vector<T>&& values, std::vector<py::ssize_t> shape) {
  auto* owner = new std::vector<T>(std::move(values));
  py::capsule release(owner, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(std::move(shape), owner->data(), release);
}

// ---------------------------------------------------------------------------------------
// The sentence mapping of BERT, ALBERT and Megatron, number for number.

constexpr int32_t kLongSentence = 512;

class MegatronMapping {
 public:
  MegatronMapping(Documents documents, Sizes sizes, int32_t max_length, double short_probability,
                  int32_t min_sentences)
      : documents_(documents),
        sizes_(sizes),
        max_length_(max_length),
        short_ratio_(short_probability > 0
                         ? static_cast<uint32_t>(std::lround(1.0 / short_probability))
                         : 0),
        min_sentences_(min_sentences) {
    for (int64_t d = 0; d + 1 < documents.size(); ++d)
      if (usable(documents[d], documents[d + 1])) usable_.push_back(d);
  }

  // Calls emit(start, end, target) for every sample, whole epochs until there are enough.
  template <typename Emit>
  void generate(int32_t epochs, uint64_t samples, uint32_t seed, Emit emit) const {
    std::mt19937 rng(seed);
    uint64_t count = 0;
    auto counted = [&](int64_t start, int64_t end, int32_t target) {
      ++count;
      emit(start, end, target);
    };
    for (int32_t epoch = 0; epoch < epochs && count < samples; ++epoch) {
      for (int64_t d : usable_) cut(documents_[d], documents_[d + 1], rng, counted);
      if (count == 0) return;
    }
  }

 private:
  bool usable(int64_t first, int64_t last) const {
    if (last - first < min_sentences_) return false;
    if (last - first <= 1) return true;
    for (int64_t s = first; s < last; ++s)
      if (sizes_[s] > kLongSentence) return false;
    return true;
  }

  int32_t draw_target(std::mt19937& rng) const {
    if (short_ratio_ == 0) return max_length_;
    const uint32_t draw = static_cast<uint32_t>(rng());
    if (draw % short_ratio_ != 0) return max_length_;
    return static_cast<int32_t>(2 + draw % static_cast<uint32_t>(max_length_ - 1));
  }

  template <typename Emit>
  void cut(int64_t first, int64_t last, std::mt19937& rng, Emit& emit) const {
    int64_t start = first, length = 0;
    int32_t target = draw_target(rng);
    for (int64_t s = first; s < last; ++s) {
      length += sizes_[s];
      const int64_t remaining = last - s - 1;
      const bool full = length >= target && s + 1 - start >= min_sentences_;
      if (remaining != 0 && !(full && remaining > 1)) continue;
      emit(start, s + 1, target);
      start = s + 1;
      length = 0;
      target = draw_target(rng);
    }
  }

  Documents documents_;
  Sizes sizes_;
  int32_t max_length_;
  uint32_t short_ratio_;
  int32_t min_sentences_;
  std::vector<int64_t> usable_;
};

template <typename T>
std::vector<T> megatron_rows(const MegatronMapping& mapping, int32_t epochs, uint64_t samples,
                             uint32_t seed) {
  int64_t count = 0;
  mapping.generate(epochs, samples, seed, [&](int64_t, int64_t, int32_t) { ++count; });
  std::vector<T> rows;
  rows.reserve(static_cast<size_t>(3 * count));
  mapping.generate(epochs, samples, seed, [&](int64_t start, int64_t end, int32_t target) {
    rows.push_back(static_cast<T>(start));
    rows.push_back(static_cast<T>(end));
    rows.push_back(static_cast<T>(target));
  });
  std::mt19937_64 rng(static_cast<uint64_t>(seed) + 1);
  for (int64_t i = count - 1; i > 0; --i) {
    const auto j = static_cast<int64_t>(rng() % static_cast<uint64_t>(i + 1));
    std::swap_ranges(&rows[3 * i], &rows[3 * i] + 3, &rows[3 * j]);
  }
  return rows;
}

template <typename T>
py::array build_mapping(const Array<int64_t>& documents, const Array<int32_t>& sizes,
                           int32_t epochs, uint64_t samples, int32_t max_length,
                           double short_probability, uint32_t seed, int32_t min_sentences) {
  const Documents document_view(documents);
  const Sizes size_view(sizes);
  std::vector<T> rows;
  {
    py::gil_scoped_release release;
    const MegatronMapping mapping(document_view, size_view, max_length, short_probability,
                                  min_sentences);
    rows = megatron_rows<T>(mapping, epochs, samples, seed);
  }
  const auto count = static_cast<py::ssize_t>(rows.size() / 3);
  return to_array(std::move(rows), {count, 3});
}

// ---------------------------------------------------------------------------------------
// Our sentence mapping. A row is (first token, one past the last token, target length).
// Documents are independent of each other: the target lengths of document d in epoch e come
// from a stream of their own, and the order of an epoch is a keyed permutation.

struct MappingOptions {
  int32_t max_length;
  double short_probability;
  int32_t min_sentences;
  uint64_t seed;
};

class SampleCutter {
 public:
  SampleCutter(Documents documents, Sizes sizes, Unaligned<int64_t> pointers, int64_t item_size,
               MappingOptions options)
      : documents_(documents),
        sizes_(sizes),
        pointers_(pointers),
        item_size_(item_size),
        options_(options) {}

  uint64_t seed() const { return options_.seed; }

  int64_t count(uint64_t epoch) const {
    int64_t samples = 0;
    generate(epoch, [&](int64_t, int64_t, int32_t) { ++samples; });
    return samples;
  }

  // Calls emit(first, end, target) for the samples of one epoch in document order.
  template <typename Emit>
  void generate(uint64_t epoch, Emit emit) const {
    for (int64_t d = 0; d + 1 < documents_.size(); ++d) {
      const int64_t weight = document_weight(d);
      if (weight >= options_.min_sentences) cut(d, weight, epoch, emit);
    }
  }

  // (documents that are too short, sentences that are cut into pieces)
  std::pair<int64_t, int64_t> census() const {
    int64_t unusable = 0, cut = 0;
    for (int64_t d = 0; d + 1 < documents_.size(); ++d) {
      if (document_weight(d) < options_.min_sentences) ++unusable;
      for (int64_t s = documents_[d]; s < documents_[d + 1]; ++s)
        if (sizes_[s] > options_.max_length) ++cut;
    }
    return {unusable, cut};
  }

 private:
  // A sentence of at most max_length tokens is one piece of weight 1. A longer one is cut into
  // equal pieces of weight min_sentences each: they may be split into segments anywhere.
  int64_t pieces(int64_t sentence) const {
    const int64_t size = sizes_[sentence], limit = options_.max_length;
    return size <= limit ? 1 : (size + limit - 1) / limit;
  }
  int64_t weight(int64_t piece_count) const {
    return piece_count == 1 ? 1 : options_.min_sentences;
  }
  int64_t document_weight(int64_t d) const {
    int64_t total = 0;
    for (int64_t s = documents_[d]; s < documents_[d + 1]; ++s)
      if (sizes_[s] > 0) total += pieces(s) * weight(pieces(s));
    return total;
  }

  int32_t draw_target(CounterRng& rng) const {
    if (rng.uniform() >= options_.short_probability) return options_.max_length;
    return static_cast<int32_t>(2 + rng.below(static_cast<uint64_t>(options_.max_length - 1)));
  }

  // A sample ends with the sentence that fills it, unless what would be left of the document
  // is too little for a sample of its own. It ends before a piece of a long sentence that no
  // longer fits: pieces lose nothing.
  template <typename Emit>
  void cut(int64_t d, int64_t left, uint64_t epoch, Emit& emit) const {
    CounterRng rng(Purpose::kTargets, {options_.seed, epoch, static_cast<uint64_t>(d)});
    int32_t target = draw_target(rng);
    int64_t start = -1, taken = 0;
    auto close = [&](int64_t end) {
      emit(start, end, target);
      target = draw_target(rng);
      start = -1;
      taken = 0;
    };
    for (int64_t s = documents_[d]; s < documents_[d + 1]; ++s) {
      if (sizes_[s] == 0) continue;
      const int64_t token = pointers_[s] / item_size_, size = sizes_[s], n = pieces(s);
      for (int64_t k = 0; k < n; ++k) {
        const int64_t begin = token + size * k / n, end = token + size * (k + 1) / n;
        const bool fits = n == 1 || start < 0 || end - start <= options_.max_length;
        if (!fits && taken >= options_.min_sentences) close(begin);
        if (start < 0) start = begin;
        taken += weight(n);
        left -= weight(n);
        const bool full = end - start >= target && taken >= options_.min_sentences;
        if (left == 0 || (full && left >= options_.min_sentences)) close(end);
      }
    }
  }

  Documents documents_;
  Sizes sizes_;
  Unaligned<int64_t> pointers_;
  int64_t item_size_;
  MappingOptions options_;
};

// Fills `samples` rows epoch by epoch; returns the epochs begun (0: no usable sample).
int64_t fill_rows(const SampleCutter& cutter, int64_t samples, int64_t* rows) {
  int64_t base = 0, epoch = 0;
  for (; base < samples; ++epoch) {
    const int64_t count = cutter.count(static_cast<uint64_t>(epoch));
    if (count == 0) return 0;
    const Permutation order(
        static_cast<uint64_t>(count),
        CounterRng(Purpose::kOrder, {cutter.seed(), static_cast<uint64_t>(epoch)}));
    uint64_t i = 0;
    cutter.generate(static_cast<uint64_t>(epoch), [&](int64_t first, int64_t end, int32_t target) {
      const int64_t place = base + static_cast<int64_t>(order(i++));
      if (place >= samples) return;
      int64_t* row = rows + 3 * place;
      row[0] = first, row[1] = end, row[2] = target;
    });
    base += count;
  }
  return epoch;
}

SampleCutter make_cutter(const Array<int64_t>& documents, const Array<int32_t>& sizes,
                         const Array<int64_t>& pointers, int64_t item_size, int32_t max_length,
                         double short_probability, uint64_t seed, int32_t min_sentences) {
  return SampleCutter(Documents(documents), Sizes(sizes), Unaligned<int64_t>(pointers), item_size,
                      {max_length, short_probability, min_sentences, seed});
}

// ---------------------------------------------------------------------------------------
// Token streams and blends.

// Row k is (position in `order`, token offset) where sample k begins. A sample has length + 1
// tokens, and its last token is the first one of the next.
template <typename T>
std::vector<T> sample_index(Sizes sizes, Unaligned<int64_t> order, int64_t length,
                            int64_t samples) {
  std::vector<T> rows{0, 0};
  rows.reserve(static_cast<size_t>(2 * (samples + 1)));
  int64_t position = 0, offset = 0;
  for (int64_t k = 0; k < samples; ++k) {
    int64_t need = length + 1;
    for (int64_t rest; (rest = sizes[order[position]] - offset) < need; offset = 0) {
      need -= rest;
      if (++position == order.size())
        throw std::out_of_range("the documents hold fewer tokens than stated");
    }
    offset += need - 1;
    rows.push_back(static_cast<T>(position));
    rows.push_back(static_cast<T>(offset));
  }
  return rows;
}

template <typename T>
py::array build_sample_idx(const Array<int32_t>& sizes, const Array<int64_t>& order,
                           int64_t length, int64_t samples) {
  const Sizes size_view(sizes);
  const Unaligned<int64_t> order_view(order);
  std::vector<T> rows;
  {
    py::gil_scoped_release release;
    rows = sample_index<T>(size_view, order_view, length, samples);
  }
  return to_array(std::move(rows), {samples + 1, 2});
}

// Sample i comes from the data set that lags furthest behind its weight.
void blend(Unaligned<double> weights, int64_t size, int16_t* dataset, int64_t* sample) {
  std::vector<int64_t> taken(static_cast<size_t>(weights.size()), 0);
  for (int64_t i = 0; i < size; ++i) {
    const double due = std::max(static_cast<double>(i), 1.0);
    int64_t furthest = 0;
    double lag = weights[0] * due - static_cast<double>(taken[0]);
    for (int64_t k = 1; k < weights.size(); ++k) {
      const double other = weights[k] * due - static_cast<double>(taken[k]);
      if (other > lag) lag = other, furthest = k;
    }
    dataset[i] = static_cast<int16_t>(furthest);
    sample[i] = taken[furthest]++;
  }
}

py::tuple build_blending_indices(const Array<double>& weights, int64_t size) {
  py::array_t<int16_t> dataset(size);
  py::array_t<int64_t> sample(size);
  int16_t* dataset_out = dataset.mutable_data();
  int64_t* sample_out = sample.mutable_data();
  const Unaligned<double> view(weights);
  {
    py::gil_scoped_release release;
    blend(view, size, dataset_out, sample_out);
  }
  return py::make_tuple(dataset, sample);
}

}  // namespace

void bind_sample_maps(py::module_& m) {
  m.def("build_mapping_uint32", &build_mapping<uint32_t>, py::arg("documents"),
        py::arg("sizes"), py::arg("epochs"), py::arg("samples"), py::arg("max_length"),
        py::arg("short_probability"), py::arg("seed"), py::arg("min_sentences"));
  m.def("build_mapping_uint64", &build_mapping<uint64_t>, py::arg("documents"),
        py::arg("sizes"), py::arg("epochs"), py::arg("samples"), py::arg("max_length"),
        py::arg("short_probability"), py::arg("seed"), py::arg("min_sentences"));
  py::class_<SampleCutter>(m, "SampleCutter")
      .def(py::init(&make_cutter), py::arg("documents"), py::arg("sizes"), py::arg("pointers"),
           py::arg("item_size"), py::arg("max_length"), py::arg("short_probability"),
           py::arg("seed"), py::arg("min_sentences"), py::keep_alive<1, 2>(),
           py::keep_alive<1, 3>(), py::keep_alive<1, 4>())
      .def("count", &SampleCutter::count, py::arg("epoch"),
           py::call_guard<py::gil_scoped_release>())
      .def("census", &SampleCutter::census, py::call_guard<py::gil_scoped_release>())
      .def(
          "fill",
          [](const SampleCutter& cutter, py::array_t<int64_t, py::array::c_style> rows) {
            int64_t* out = rows.mutable_data();
            const int64_t samples = rows.shape(0);
            py::gil_scoped_release release;
            return fill_rows(cutter, samples, out);
          },
          py::arg("rows").noconvert());
  m.def("build_sample_idx_int32", &build_sample_idx<int32_t>, py::arg("sizes"), py::arg("order"),
        py::arg("length"), py::arg("samples"));
  m.def("build_sample_idx_int64", &build_sample_idx<int64_t>, py::arg("sizes"), py::arg("order"),
        py::arg("length"), py::arg("samples"));
  m.def("build_blending_indices", &build_blending_indices, py::arg("weights"), py::arg("size"));
}

}  // namespace corpuskit
