// jieba's hidden Markov model of four tags, for characters that no word of the dictionary covers.
#pragma once

#include <cstdint>
#include <vector>

#include "jieba_image.h"

namespace corpuskit::jieba {

class Hmm {
 public:
  explicit Hmm(const Image& image) : image_(image) {}

  // Tags `count` > 0 characters; a word ends after every kEnd and kSingle. Sums are made in
  // jieba's order, and of equal ones the tag with the later letter of B, E, M, S wins, so that
  // ties at the floor of unknown characters fall the same way. Valid until the next call.
  const std::uint8_t* tag(const Code* codes, std::int64_t count);

 private:
  const Image image_;
  std::vector<std::uint8_t> tags_;
};

}  // namespace corpuskit::jieba
