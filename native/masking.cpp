// Samples for masked language modelling with sentence order prediction: a whole micro-batch
// from ids on disk to padded arrays in one call. The steps and their random draws are those
// of tests/index/oracle_masking.py.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
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

struct MaskingConfig {
  uint64_t seed;
  int64_t max_seq_length;
  double mask_prob;
  int64_t max_ngrams;
  bool favor_longer;
  bool sop;
  int64_t cls, sep, mask, pad;
};

enum Role : uint8_t { kWordStart = 0, kContinuation = 1, kSpecial = 2 };

// What the kernel knows of the vocabulary, by id.
struct Tables {
  std::vector<uint8_t> role;         // a Role for every id that data may hold
  std::vector<int64_t> base;         // the id that the model sees
  std::vector<int64_t> replacements;  // what a random replacement is drawn from
};

struct Span {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};

struct Word {
  int64_t begin, end;  // columns of the row
  bool adjacent;       // follows the previous word directly, in the same segment
  bool taken;
};

// Where one row of the batch is written.
struct Row {
  int64_t *input_ids, *token_types;
  int32_t* length;
  int64_t* sop_label;
  int64_t offset;  // flat index of its first column
};

struct Predictions {
  std::vector<int64_t> positions, labels;
};

template <typename Id>
class Masker {
 public:
  Masker(Unaligned<Id> ids, Unaligned<int64_t> pointers, const Tables& tables,
         const MaskingConfig& config)
      : ids_(ids), pointers_(pointers), tables_(tables), config_(config) {
    double total = 0;
    for (int64_t n = 1; n <= config.max_ngrams; ++n) {
      const int64_t share = config.favor_longer ? config.max_ngrams - n + 1 : n;
      cumulative_.push_back(total += 1.0 / static_cast<double>(share));
    }
  }

  void make(int64_t sample, Span tokens, int64_t target, const Row& row, Predictions& out) {
    CounterRng rng(Purpose::kMasking, {config_.seed, static_cast<uint64_t>(sample)});
    auto [a, b] = choose_segments(tokens, rng, row);
    truncate(a, b, target, rng);
    assemble(a, b, row);
    if (config_.mask_prob > 0) mask_words(rng, row, out);
  }

 private:
  // ---- segments

  std::pair<Span, Span> choose_segments(Span tokens, CounterRng& rng, const Row& row) const {
    *row.sop_label = 0;
    if (!config_.sop || tokens.size() < 2) return {tokens, {tokens.end, tokens.end}};
    const int64_t split = choose_split(tokens, rng);
    const Span head{tokens.begin, split}, tail{split, tokens.end};
    if (rng.uniform() >= 0.5) return {head, tail};
    *row.sop_label = 1;
    return {tail, head};
  }

  // A sentence border inside the row; a row inside one long sentence is split at any token.
  int64_t choose_split(Span tokens, CounterRng& rng) const {
    const int64_t first = first_sentence_at(tokens.begin + 1);
    const int64_t last = first_sentence_at(tokens.end);
    if (first == last)
      return tokens.begin + 1 + static_cast<int64_t>(
                                    rng.below(static_cast<uint64_t>(tokens.size() - 1)));
    const auto choice = static_cast<int64_t>(rng.below(static_cast<uint64_t>(last - first)));
    return pointers_[first + choice] / item_size();
  }

  // The first sentence that begins at `token` or later.
  int64_t first_sentence_at(int64_t token) const {
    int64_t low = 0, high = pointers_.size();
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (pointers_[middle] < token * item_size())
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  static constexpr int64_t item_size() { return static_cast<int64_t>(sizeof(Id)); }

  // The longer segment gives first, then both give in turn (B begins); what a segment gives
  // comes off its two ends in a random proportion.
  static void truncate(Span& a, Span& b, int64_t target, CounterRng& rng) {
    const int64_t excess = a.size() + b.size() - target;
    if (excess <= 0) return;
    const int64_t difference = std::min(excess, std::abs(a.size() - b.size()));
    const int64_t shared = excess - difference;
    const bool a_longer = a.size() > b.size();
    shorten(a, (a_longer ? difference : 0) + shared / 2, rng);
    shorten(b, (a_longer ? 0 : difference) + (shared + 1) / 2, rng);
  }

  static void shorten(Span& span, int64_t drop, CounterRng& rng) {
    if (drop == 0) return;
    const auto front = static_cast<int64_t>(rng.below(static_cast<uint64_t>(drop + 1)));
    span.begin += front;
    span.end -= drop - front;
  }

  // ---- the row: [CLS] A [SEP] B [SEP], and its words

  void assemble(Span a, Span b, const Row& row) {
    words_.clear();
    maskable_ = 0;
    int64_t column = 0;
    put(config_.cls, 0, column, row);
    put_segment(a, 0, column, row);
    put(config_.sep, 0, column, row);
    if (b.size() > 0) {
      put_segment(b, 1, column, row);
      put(config_.sep, 1, column, row);
    }
    *row.length = static_cast<int32_t>(column);
    std::fill(row.input_ids + column, row.input_ids + config_.max_seq_length, config_.pad);
    std::fill(row.token_types + column, row.token_types + config_.max_seq_length, 0);
  }

  static void put(int64_t id, int64_t type, int64_t& column, const Row& row) {
    row.input_ids[column] = id;
    row.token_types[column] = type;
    ++column;
  }

  void put_segment(Span span, int64_t type, int64_t& column, const Row& row) {
    bool adjacent = false;  // the previous token belongs to a word of this segment
    for (int64_t t = span.begin; t < span.end; ++t) {
      const auto id = static_cast<int64_t>(ids_[t]);
      if (id < 0 || id >= static_cast<int64_t>(tables_.role.size()))
        throw std::out_of_range(std::to_string(id));
      const uint8_t role = tables_.role[static_cast<size_t>(id)];
      if (role != kSpecial) add_token(column, role, adjacent);
      adjacent = role != kSpecial;
      put(tables_.base[static_cast<size_t>(id)], type, column, row);
    }
  }

  void add_token(int64_t column, uint8_t role, bool adjacent) {
    ++maskable_;
    if (role == kContinuation && adjacent)
      ++words_.back().end;
    else
      words_.push_back({column, column + 1, adjacent, false});
  }

  // ---- masking

  // Visits words in random order, each as the first of an n-gram, until the budget is spent.
  // Where every word is longer than the budget, the first one visited is taken.
  void mask_words(CounterRng& rng, const Row& row, Predictions& out) {
    if (words_.empty()) return;
    const double share = config_.mask_prob * static_cast<double>(maskable_);
    const int64_t budget = std::max<int64_t>(1, static_cast<int64_t>(std::floor(share + 0.5)));
    int64_t left = budget;
    original_.assign(row.input_ids, row.input_ids + *row.length);
    order_.resize(words_.size());
    for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    for (size_t i = 0; i < order_.size() && left > 0; ++i) {
      std::swap(order_[i], order_[i + rng.below(order_.size() - i)]);
      left -= mask_ngram(order_[i], left, rng, row);
    }
    if (left == budget) mask_word(words_[order_[0]], rng, row);
    for (const Word& word : words_)
      if (word.taken) predict(word, row, out);
  }

  // Masks up to n words from `first` on, as many as are free and fit; returns their tokens.
  int64_t mask_ngram(size_t first, int64_t left, CounterRng& rng, const Row& row) {
    const int64_t available = free_run(first);
    if (available == 0) return 0;
    const int64_t n = draw_ngram(available, rng);
    int64_t used = 0;
    for (int64_t k = 0; k < n; ++k) {
      Word& word = words_[first + static_cast<size_t>(k)];
      if (used + word.end - word.begin > left) break;
      used += word.end - word.begin;
      mask_word(word, rng, row);
    }
    return used;
  }

  // Free words from `first` on that follow each other directly, at most max_ngrams.
  int64_t free_run(size_t first) const {
    int64_t run = 0;
    for (size_t w = first; w < words_.size() && run < config_.max_ngrams; ++w, ++run)
      if (words_[w].taken || (run > 0 && !words_[w].adjacent)) break;
    return run;
  }

  int64_t draw_ngram(int64_t available, CounterRng& rng) const {
    const double draw = rng.uniform() * cumulative_[static_cast<size_t>(available - 1)];
    int64_t n = 1;
    while (n < available && draw >= cumulative_[static_cast<size_t>(n - 1)]) ++n;
    return n;
  }

  // One decision for the whole word: 80 % [MASK], 10 % kept, 10 % random tokens.
  void mask_word(Word& word, CounterRng& rng, const Row& row) const {
    word.taken = true;
    const double draw = rng.uniform();
    if (draw >= 0.8 && draw < 0.9) return;
    for (int64_t column = word.begin; column < word.end; ++column)
      row.input_ids[column] =
          draw < 0.8 ? config_.mask : tables_.replacements[rng.below(tables_.replacements.size())];
  }

  void predict(const Word& word, const Row& row, Predictions& out) const {
    for (int64_t column = word.begin; column < word.end; ++column) {
      out.positions.push_back(row.offset + column);
      out.labels.push_back(original_[static_cast<size_t>(column)]);
    }
  }

  Unaligned<Id> ids_;
  Unaligned<int64_t> pointers_;
  const Tables& tables_;
  const MaskingConfig& config_;
  std::vector<double> cumulative_;
  std::vector<Word> words_;
  std::vector<size_t> order_;
  std::vector<int64_t> original_;
  int64_t maskable_ = 0;
};

py::array_t<int64_t> copy_out(const std::vector<int64_t>& values) {
  return py::array_t<int64_t>(static_cast<py::ssize_t>(values.size()), values.data());
}

// `rows` int64[B, 3] (first token, end, target); `samples` int64[B] are the random streams.
template <typename Id>
py::dict mask_batch(const Array<Id>& ids, const Array<int64_t>& pointers,
                    const Array<int64_t>& rows, const Array<int64_t>& samples,
                    const Tables& tables, const MaskingConfig& config) {
  const int64_t count = rows.shape(0), width = config.max_seq_length;
  py::array_t<int64_t> input_ids({count, width}), token_types({count, width}), sop(count);
  py::array_t<int32_t> lengths(count);
  int64_t *ids_out = input_ids.mutable_data(), *types_out = token_types.mutable_data();
  int64_t* sop_out = sop.mutable_data();
  int32_t* lengths_out = lengths.mutable_data();
  const Unaligned<int64_t> row(rows), sample(samples);
  Masker<Id> masker(Unaligned<Id>(ids), Unaligned<int64_t>(pointers), tables, config);
  Predictions found;
  {
    py::gil_scoped_release release;
    for (int64_t i = 0; i < count; ++i)
      masker.make(sample[i], {row[3 * i], row[3 * i + 1]}, row[3 * i + 2],
                  {ids_out + i * width, types_out + i * width, lengths_out + i, sop_out + i,
                   i * width},
                  found);
  }
  py::dict batch;
  batch["input_ids"] = input_ids;
  batch["token_type_ids"] = token_types;
  batch["lengths"] = lengths;
  batch["masked_positions"] = copy_out(found.positions);
  batch["labels"] = copy_out(found.labels);
  batch["sop_labels"] = sop;
  return batch;
}

}  // namespace

void bind_masking(py::module_& m) {
  py::class_<MaskingConfig>(m, "MaskingConfig")
      .def(py::init([](uint64_t seed, int64_t max_seq_length, double mask_prob,
                       int64_t max_ngrams, bool favor_longer, bool sop, int64_t cls, int64_t sep,
                       int64_t mask, int64_t pad) {
             return MaskingConfig{seed, max_seq_length, mask_prob, max_ngrams, favor_longer,
                                  sop,  cls,            sep,       mask,       pad};
           }),
           py::kw_only(), py::arg("seed"), py::arg("max_seq_length"), py::arg("mask_prob"),
           py::arg("max_ngrams"), py::arg("favor_longer"), py::arg("sop"), py::arg("cls"),
           py::arg("sep"), py::arg("mask"), py::arg("pad"));
  py::class_<Tables>(m, "MaskingTables")
      .def(py::init<std::vector<uint8_t>, std::vector<int64_t>, std::vector<int64_t>>(),
           py::arg("role"), py::arg("base"), py::arg("replacements"));
  m.def("mask_batch", &mask_batch<uint16_t>, py::arg("ids").noconvert(), py::arg("pointers"),
        py::arg("rows"), py::arg("samples"), py::arg("tables"), py::arg("config"));
  m.def("mask_batch", &mask_batch<int32_t>, py::arg("ids").noconvert(), py::arg("pointers"),
        py::arg("rows"), py::arg("samples"), py::arg("tables"), py::arg("config"));
}

}  // namespace corpuskit
