// UTF-8 in, code points and their byte positions out.
#pragma once

#include <cstdint>
#include <vector>

namespace corpuskit::lac {

// What a byte that belongs to no UTF-8 sequence counts as: one character, in no vocabulary.
constexpr std::uint32_t kBadByte = 0xFFFFFFFF;

struct Text {
  std::vector<std::uint32_t> characters;
  std::vector<std::int64_t> byte_begin;  // of each character
  std::vector<std::int64_t> line_begin;  // first character of each line, and the end
};

// Decodes `lines` lines; line i is data[offsets[i], offsets[i+1]). Encoded surrogates are taken
// as characters, so that every Python string can be passed.
Text decode_lines(const char* data, const std::int64_t* offsets, std::int64_t lines);

}  // namespace corpuskit::lac
