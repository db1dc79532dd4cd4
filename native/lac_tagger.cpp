#include "lac_tagger.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace corpuskit::lac {
namespace {

constexpr std::size_t kBatchRows = 24;
constexpr std::int64_t kBatchTokens = 1 << 16;  // bounds the scratch memory to some 50 MB

// Appends columns [from, to) of a row-major matrix.
void append_columns(std::vector<float>& to, const float* matrix, int rows, int columns, int from,
                    int until) {
  for (int r = 0; r < rows; ++r) {
    const float* row = matrix + static_cast<std::ptrdiff_t>(r) * columns;
    to.insert(to.end(), row + from, row + until);
  }
}

}  // namespace

std::vector<const Kernel*> supported_kernels() {
  std::vector<const Kernel*> kernels;
#if defined(__x86_64__)
  for (const Kernel* kernel : {&kAvx512Kernel, &kAvx2Kernel})
    if (kernel->supported()) kernels.push_back(kernel);
#endif
  kernels.push_back(&kPortableKernel);
  return kernels;
}

Tagger::Tagger(const Kernel& kernel, const Weights& weights, bool tabulated) : kernel_(kernel) {
  network_.hidden = weights.hidden;
  network_.labels = weights.labels;
  network_.padded_labels = (weights.labels + kernel.width - 1) / kernel.width * kernel.width;
  for (int layer = 0; layer < 2; ++layer)
    for (int direction = 0; direction < 2; ++direction)
      network_.cells[layer][direction] = make_cell(weights, layer, direction, tabulated);
  if (tabulated) tabulate(weights);

  network_.output_bias = pad(weights.output_bias, 1);
  network_.start = pad(weights.crf, 1);
  network_.stop = pad(weights.crf + weights.labels, 1);
  network_.transition = pad(weights.crf + 2 * weights.labels, weights.labels);
}

const float* Tagger::keep(Buffer buffer) {
  buffers_.push_back(std::move(buffer));
  return buffers_.back().get();
}

// [rows][labels] to [rows][padded labels], with zeros.
const float* Tagger::pad(const float* values, int rows) {
  const int labels = network_.labels;
  const int padded = network_.padded_labels;
  Buffer buffer(static_cast<std::size_t>(rows) * padded);
  std::fill_n(buffer.get(), rows * padded, 0.0F);
  for (int row = 0; row < rows; ++row)
    std::copy_n(values + row * labels, labels, buffer.get() + row * padded);
  return keep(std::move(buffer));
}

// [depth][columns] to panels of [depth][panel]; missing columns are 0.
const float* Tagger::pack(const std::vector<float>& matrix, int columns, int panel) {
  const std::size_t depth = matrix.size() / static_cast<std::size_t>(columns);
  const int panels = (columns + panel - 1) / panel;
  Buffer packed(depth * static_cast<std::size_t>(panels * panel));
  float* to = packed.get();
  for (int begin = 0; begin < columns; begin += panel)
    for (std::size_t row = 0; row < depth; ++row)
      for (int column = begin; column < begin + panel; ++column)
        *to++ = column < columns ? matrix[row * static_cast<std::size_t>(columns) + column] : 0.0F;
  return keep(std::move(packed));
}

Cell Tagger::make_cell(const Weights& weights, int layer, int direction, bool tabulated) {
  const int hidden = weights.hidden;
  const CellWeights& source = weights.cells[layer][direction];
  Cell cell;
  cell.input = layer == 1 ? 2 * hidden : tabulated ? 0 : weights.embedding_width;
  cell.embedding = layer == 0 && !tabulated ? weights.embedding : nullptr;

  Buffer bias(static_cast<std::size_t>(3 * hidden));
  std::copy_n(source.bias, 3 * hidden, bias.get());
  cell.bias = keep(std::move(bias));

  std::vector<float> gates;
  append_columns(gates, source.gates, hidden, 2 * hidden, 0, 2 * hidden);
  append_columns(gates, source.input, cell.input, 3 * hidden, 0, 2 * hidden);
  cell.gates = pack(gates, 2 * hidden, kernel_.panel);

  std::vector<float> candidate;
  append_columns(candidate, source.input, cell.input, 3 * hidden, 2 * hidden, 3 * hidden);
  append_columns(candidate, source.candidate, hidden, hidden, 0, hidden);
  cell.candidate = pack(candidate, hidden, kernel_.panel);

  if (layer == 1) {
    const float* half = weights.output + static_cast<std::ptrdiff_t>(direction) * hidden *
                                             weights.labels;
    cell.output = pack(std::vector<float>(half, half + hidden * weights.labels), weights.labels,
                       kernel_.width);
  }
  return cell;
}

void Tagger::tabulate(const Weights& weights) {
  const int columns = 3 * weights.hidden;
  const std::size_t stride = 2 * static_cast<std::size_t>(columns);
  Buffer table(static_cast<std::size_t>(weights.tokens) * stride);
  for (int direction = 0; direction < 2; ++direction) {
    Cell& cell = network_.cells[0][direction];
    const float* input = weights.cells[0][direction].input;
    const float* panels =
        pack(std::vector<float>(input, input + weights.embedding_width * columns), columns,
             kernel_.panel);
    kernel_.project(weights.embedding, weights.tokens, weights.embedding_width, panels, columns,
                    cell.bias, table.get() + direction * columns, stride);
    buffers_.pop_back();
    cell.table = table.get() + direction * columns;
    cell.table_stride = stride;
  }
  keep(std::move(table));
}

void Tagger::tag(const std::int32_t* ids, const std::int64_t* begin, std::int64_t sequences,
                 std::uint8_t* tags) const {
  std::vector<std::int64_t> order(static_cast<std::size_t>(sequences));
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](std::int64_t s) { return begin[s + 1] - begin[s]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return size(a) > size(b); });
  for (std::size_t first = 0; first < order.size() && size(order[first]) > 0;) {
    std::vector<std::int64_t> begins;
    std::vector<std::int64_t> lengths;
    std::int64_t tokens = 0;
    for (; first < order.size() && begins.size() < kBatchRows; ++first) {
      const std::int64_t length = size(order[first]);
      if (length == 0 || (tokens > 0 && tokens + length > kBatchTokens)) break;
      begins.push_back(begin[order[first]]);
      lengths.push_back(length);
      tokens += length;
    }
    tag_batch(ids, begins, lengths, tags);
  }
}

// Gathers the sequences of a batch side by side, so that its scratch memory is its own size.
void Tagger::tag_batch(const std::int32_t* ids, const std::vector<std::int64_t>& begin,
                       const std::vector<std::int64_t>& length, std::uint8_t* tags) const {
  const std::size_t rows = begin.size();
  std::vector<std::int64_t> local(rows + 1, 0);
  for (std::size_t r = 0; r < rows; ++r) local[r + 1] = local[r] + length[r];
  const auto tokens = static_cast<std::size_t>(local[rows]);
  std::vector<std::int32_t> local_ids(tokens);
  for (std::size_t r = 0; r < rows; ++r)
    std::copy_n(ids + begin[r], length[r], local_ids.begin() + local[r]);

  const auto hidden = static_cast<std::size_t>(network_.hidden);
  const auto labels = static_cast<std::size_t>(network_.padded_labels);
  const Buffer outputs(tokens * 2 * hidden);
  const Buffer emissions(tokens * labels);
  const Buffer state(rows * kRowStride);
  const Buffer update(rows * hidden);
  std::vector<const float*> initial(rows);
  std::vector<std::int64_t> position(rows);
  std::vector<std::int32_t> backpointers(static_cast<std::size_t>(length[0]) * labels);
  std::vector<std::uint8_t> local_tags(tokens);

  Batch batch;
  batch.rows = static_cast<int>(rows);
  batch.begin = local.data();
  batch.length = length.data();
  batch.ids = local_ids.data();
  batch.outputs = outputs.get();
  batch.emissions = emissions.get();
  batch.state = state.get();
  batch.update = update.get();
  batch.initial = initial.data();
  batch.position = position.data();
  batch.backpointers = backpointers.data();
  batch.tags = local_tags.data();
  kernel_.tag(network_, batch);
  for (std::size_t r = 0; r < rows; ++r)
    std::copy_n(local_tags.begin() + local[r], length[r], tags + begin[r]);
}

}  // namespace corpuskit::lac
