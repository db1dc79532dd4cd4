// The LAC network written once over GCC vector types. Each lac_<isa>.cpp defines
//   LAC_TARGET        the function attribute that selects the instruction set
//   LAC_VECTOR_BYTES  bytes in a vector register
//   LAC_TILE_ROWS     sequences per register tile
// and includes this file inside an anonymous namespace of its own. No standard-library
// template is instantiated here: the linker could then share code built for one instruction
// set with machines that lack it.

#define LAC_INLINE LAC_TARGET __attribute__((always_inline)) inline

using Floats = float __attribute__((vector_size(LAC_VECTOR_BYTES)));
using Ints = std::int32_t __attribute__((vector_size(LAC_VECTOR_BYTES)));
using LooseFloats = float __attribute__((vector_size(LAC_VECTOR_BYTES), aligned(4), may_alias));
using LooseInts =
    std::int32_t __attribute__((vector_size(LAC_VECTOR_BYTES), aligned(4), may_alias));

constexpr int kWidth = LAC_VECTOR_BYTES / 4;
constexpr int kPanel = 2 * kWidth;
constexpr int kTileRows = LAC_TILE_ROWS;

LAC_INLINE Floats load(const float* p) { return *reinterpret_cast<const LooseFloats*>(p); }
LAC_INLINE void store(float* p, Floats v) { *reinterpret_cast<LooseFloats*>(p) = v; }
LAC_INLINE Floats fill(float x) { return x - Floats{}; }  // x - 0 is x for every x

LAC_INLINE Floats minimum(Floats a, Floats b) { return a < b ? a : b; }
LAC_INLINE Floats maximum(Floats a, Floats b) { return a > b ? a : b; }

// e^x, |x| clamped to kMaxExponent, relative error below 2e-7: x = n ln 2 + r, |r| <= ln 2 / 2,
// a Taylor-like minimax polynomial in r (coefficients of Cephes expf), 2^n added to the exponent.
LAC_INLINE Floats exponential(Floats x) {
  x = minimum(maximum(x, fill(-kMaxExponent)), fill(kMaxExponent));
  const Floats shifter = fill(12582912.0F);  // 1.5 * 2^23: adding it rounds to an integer
  const Floats shifted = x * 1.44269504088896341F + shifter;
  const Floats n = shifted - shifter;
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Floats p = fill(1.9875691500e-4F);
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  return reinterpret_cast<Floats>(reinterpret_cast<Ints>(p) +
                                  (reinterpret_cast<Ints>(shifted) << 23));
}

// sums[r] += inputs[r] * weights for Rows rows and Vectors vectors of columns, in registers.
template <int Rows, int Vectors>
LAC_INLINE void multiply(Floats (&sums)[Rows][Vectors], const float* inputs, const float* weights,
                         int depth) {
  for (int k = 0; k < depth; ++k, weights += Vectors * kWidth) {
    Floats columns[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) columns[v] = load(weights + v * kWidth);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const Floats x = fill(inputs[r * kRowStride + k]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sums[r][v] += x * columns[v];
    }
  }
}

template <int Rows>
LAC_INLINE void load_initial(Floats (&sums)[Rows][2], const float* const* initial, int column) {
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    sums[r][0] = load(initial[r] + column);
    sums[r][1] = load(initial[r] + column + kWidth);
  }
}

// Update gate: pre-activations, left to the candidate. Reset gate: sigma(.) * h.
template <int Rows>
LAC_TARGET void gate_tile(const Cell& cell, int hidden, int column, float* state,
                          const float* const* initial, float* update) {
  const int depth = hidden + cell.input;
  Floats sums[Rows][2];
  load_initial(sums, initial, column);
  multiply(sums, state, cell.gates + static_cast<std::ptrdiff_t>(column) * depth, depth);
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < 2; ++v) {
      const int at = column + v * kWidth;
      if (column < hidden) {
        store(update + r * hidden + at, sums[r][v]);
      } else {
        float* row = state + r * kRowStride;
        const Floats h = load(row + at - hidden);
        store(row + cell.input + at, h / (exponential(-sums[r][v]) + 1.0F));
      }
    }
  }
}

// h' = h + sigma(u) * (tanh(c) - h), with both quotients over one denominator.
template <int Rows>
LAC_TARGET void candidate_tile(const Cell& cell, int hidden, int column, float* state,
                               const float* const* initial, float* update) {
  const int depth = hidden + cell.input;
  Floats sums[Rows][2];
  load_initial(sums, initial, 2 * hidden + column);
  multiply(sums, state + hidden, cell.candidate + static_cast<std::ptrdiff_t>(column) * depth,
           depth);
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < 2; ++v) {
      const int at = column + v * kWidth;
      float* row = state + r * kRowStride + at;
      const Floats h = load(row);
      const Floats c = exponential(sums[r][v] * -2.0F);
      const Floats u = exponential(-load(update + r * hidden + at));
      store(row, h + ((1.0F - c) - h * (c + 1.0F)) / ((u + 1.0F) * (c + 1.0F)));
    }
  }
}

// emissions[position] += h * W_out
template <int Rows>
LAC_TARGET void emission_tile(const Network& network, const Cell& cell, int column,
                              const float* state, const std::int64_t* position,
                              float* emissions) {
  Floats sums[Rows][1];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
    sums[r][0] = load(emissions + position[r] * network.padded_labels + column);
  multiply(sums, state, cell.output + static_cast<std::ptrdiff_t>(column) * network.hidden,
           network.hidden);
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
    store(emissions + position[r] * network.padded_labels + column, sums[r][0]);
}

using CellTile = void (*)(const Cell&, int, int, float*, const float* const*, float*);
using EmissionTile = void (*)(const Network&, const Cell&, int, const float*,
                              const std::int64_t*, float*);

// The tile functions by number of rows, 1 to kTileRows.
template <int Rows>
struct Tiles {
  static void list(CellTile* gates, CellTile* candidates, EmissionTile* emissions) {
    gates[Rows] = gate_tile<Rows>;
    candidates[Rows] = candidate_tile<Rows>;
    emissions[Rows] = emission_tile<Rows>;
    Tiles<Rows - 1>::list(gates, candidates, emissions);
  }
};
template <>
struct Tiles<0> {
  static void list(CellTile*, CellTile*, EmissionTile*) {}
};

struct TileTable {
  CellTile gates[kTileRows + 1];
  CellTile candidates[kTileRows + 1];
  EmissionTile emissions[kTileRows + 1];
  TileTable() { Tiles<kTileRows>::list(gates, candidates, emissions); }
};

// Rows of the next tile when `left` rows remain: tiles of nearly equal height.
inline int tile_height(int left) {
  const int tiles = (left + kTileRows - 1) / kTileRows;
  return (left + tiles - 1) / tiles;
}

void cell_panels(const CellTile* tiles, const Cell& cell, const Network& network, int columns,
                 int rows, Batch& batch) {
  for (int column = 0; column < columns; column += kPanel) {
    for (int row = 0, height; row < rows; row += height) {
      height = tile_height(rows - row);
      tiles[height](cell, network.hidden, column, batch.state + row * kRowStride,
                    batch.initial + row, batch.update + row * network.hidden);
    }
  }
}

void emit(const TileTable& tiles, const Cell& cell, const Network& network, int rows,
          Batch& batch) {
  for (int column = 0; column < network.padded_labels; column += kWidth) {
    for (int row = 0, height; row < rows; row += height) {
      height = tile_height(rows - row);
      tiles.emissions[height](network, cell, column, batch.state + row * kRowStride,
                              batch.position + row, batch.emissions);
    }
  }
}

LAC_INLINE void copy(float* to, const float* from, int count) {
  for (int i = 0; i < count; i += kWidth) store(to + i, load(from + i));
}

LAC_INLINE void prefetch(const float* row, int count) {
  for (int i = 0; i < count; i += 16) __builtin_prefetch(row + i);
}

// Puts this step's inputs in place. `ahead` is +1 or -1, the direction of reading.
LAC_TARGET void prepare_step(const Cell& cell, int hidden, int rows, int ahead, bool first_layer,
                             Batch& batch) {
  for (int r = 0; r < rows; ++r) {
    const std::int64_t at = batch.position[r];
    float* x = batch.state + r * kRowStride + hidden;
    if (!first_layer) {
      copy(x, batch.outputs + at * cell.input, cell.input);
    } else if (cell.embedding != nullptr) {
      copy(x, cell.embedding + static_cast<std::size_t>(batch.ids[at]) * cell.input, cell.input);
    } else {
      const float* row = cell.table + batch.ids[at] * cell.table_stride;
      batch.initial[r] = row;
      const std::int64_t next = at + ahead - batch.begin[r];
      if (next >= 0 && next < batch.length[r])
        prefetch(cell.table + batch.ids[at + ahead] * cell.table_stride, 3 * hidden);
    }
  }
}

LAC_TARGET void run_direction(const TileTable& tiles, const Network& network, int layer,
                              bool backwards, Batch& batch) {
  const Cell& cell = network.cells[layer][backwards ? 1 : 0];
  const int hidden = network.hidden;
  const int ahead = backwards ? -1 : 1;
  for (int r = 0; r < batch.rows; ++r) {
    for (int i = 0; i < hidden; ++i) batch.state[r * kRowStride + i] = 0.0F;
    batch.initial[r] = cell.bias;
    batch.position[r] = batch.begin[r] + (backwards ? batch.length[r] - 1 : 0);
  }
  int rows = batch.rows;
  for (std::int64_t step = 0; step < batch.length[0]; ++step) {
    while (batch.length[rows - 1] <= step) --rows;
    prepare_step(cell, hidden, rows, ahead, layer == 0, batch);
    cell_panels(tiles.gates, cell, network, 2 * hidden, rows, batch);
    cell_panels(tiles.candidates, cell, network, hidden, rows, batch);
    if (layer == 1) emit(tiles, cell, network, rows, batch);
    for (int r = 0; r < rows; ++r) {
      if (layer == 0) {
        copy(batch.outputs + batch.position[r] * 2 * hidden + (backwards ? hidden : 0),
             batch.state + r * kRowStride, hidden);
      }
      batch.position[r] += ahead;
    }
  }
}

// One Viterbi step for one vector of labels: scores[to] = max over from, first maximum wins.
LAC_INLINE void viterbi_step(const Network& network, const float* previous, const float* emission,
                             int column, float* scores, std::int32_t* backpointers) {
  Floats best = fill(previous[0]) + load(network.transition + column);
  Ints from = Ints{};
  for (int j = 1; j < network.labels; ++j) {
    const Floats score =
        fill(previous[j]) + load(network.transition + j * network.padded_labels + column);
    const Ints better = score > best;
    best = better ? score : best;
    from = better ? Ints{} + j : from;
  }
  store(scores + column, best + load(emission + column));
  *reinterpret_cast<LooseInts*>(backpointers + column) = from;
}

LAC_TARGET void viterbi(const Network& network, std::int64_t length, const float* emissions,
                        std::int32_t* backpointers, std::uint8_t* tags) {
  constexpr int kMaxLabels = 256;
  float scores[2][kMaxLabels];
  const int padded = network.padded_labels;
  for (int i = 0; i < padded; i += kWidth)
    store(scores[0] + i, load(network.start + i) + load(emissions + i));
  for (std::int64_t t = 1; t < length; ++t) {
    for (int i = 0; i < padded; i += kWidth)
      viterbi_step(network, scores[(t - 1) & 1], emissions + t * padded, i, scores[t & 1],
                   backpointers + t * padded);
  }
  const float* last = scores[(length - 1) & 1];
  int best = 0;
  for (int i = 1; i < network.labels; ++i)
    if (last[i] + network.stop[i] > last[best] + network.stop[best]) best = i;
  for (std::int64_t t = length - 1; t > 0; --t) {
    tags[t] = static_cast<std::uint8_t>(best);
    best = backpointers[t * padded + best];
  }
  tags[0] = static_cast<std::uint8_t>(best);
}

LAC_TARGET void tag(const Network& network, Batch& batch) {
  static const TileTable tiles;
  for (int layer = 0; layer < 2; ++layer) {
    if (layer == 1) {
      for (int r = 0; r < batch.rows; ++r)
        for (std::int64_t t = batch.begin[r]; t < batch.begin[r] + batch.length[r]; ++t)
          copy(batch.emissions + t * network.padded_labels, network.output_bias,
               network.padded_labels);
    }
    run_direction(tiles, network, layer, false, batch);
    run_direction(tiles, network, layer, true, batch);
  }
  for (int r = 0; r < batch.rows; ++r)
    viterbi(network, batch.length[r], batch.emissions + batch.begin[r] * network.padded_labels,
            batch.backpointers, batch.tags + batch.begin[r]);
}

template <int Rows>
LAC_TARGET void project_tile(const float* inputs, int depth, const float* panel,
                             const float* bias, float* rows, std::size_t row_stride) {
  float packed[Rows * kRowStride];
  for (int r = 0; r < Rows; ++r)
    copy(packed + r * kRowStride, inputs + static_cast<std::ptrdiff_t>(r) * depth, depth);
  Floats sums[Rows][2];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    sums[r][0] = load(bias);
    sums[r][1] = load(bias + kWidth);
  }
  multiply(sums, packed, panel, depth);
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    store(rows + r * row_stride, sums[r][0]);
    store(rows + r * row_stride + kWidth, sums[r][1]);
  }
}

LAC_TARGET void project(const float* inputs, std::int64_t count, int depth, const float* panels,
                        int columns, const float* bias, float* rows, std::size_t row_stride) {
  for (int column = 0; column < columns; column += kPanel) {
    const float* panel = panels + static_cast<std::ptrdiff_t>(column) * depth;
    std::int64_t i = 0;
    for (; i + kTileRows <= count; i += kTileRows)
      project_tile<kTileRows>(inputs + i * depth, depth, panel, bias + column,
                              rows + i * row_stride + column, row_stride);
    for (; i < count; ++i)
      project_tile<1>(inputs + i * depth, depth, panel, bias + column,
                      rows + i * row_stride + column, row_stride);
  }
}
