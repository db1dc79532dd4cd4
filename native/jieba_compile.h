// Builds the image of a jieba dictionary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jieba_image.h"

namespace corpuskit::jieba {

struct Source {
  // Word w is characters[begin[w], begin[w + 1]); its frequency has the number values[w].
  const std::uint32_t* characters;
  const std::int64_t* begin;
  const std::int32_t* values;
  std::int64_t words;

  const std::int64_t* frequency;  // [distinct]
  const double* log_frequency;    // [distinct]
  std::int64_t distinct;

  const std::uint32_t* alphabet;  // [letters]; code i + 1 is alphabet[i]
  const double* emission;         // [letters + 1][kTags]; row 0 for unknown characters
  std::int64_t letters;

  double start[kTags];
  Moves moves;
};

// Equal sources give equal bytes.
std::string compile(const Source& source);

}  // namespace corpuskit::jieba
