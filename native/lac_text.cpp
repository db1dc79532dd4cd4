#include "lac_text.h"

namespace corpuskit::lac {
namespace {

struct Character {
  std::uint32_t value;
  int bytes;
};

int continuation_bytes(unsigned char lead) {
  if (lead < 0xC2) return -1;
  if (lead < 0xE0) return 1;
  if (lead < 0xF0) return 2;
  return lead < 0xF5 ? 3 : -1;
}

Character decode(const unsigned char* at, const unsigned char* end) {
  constexpr Character kBad = {kBadByte, 1};
  constexpr std::uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (*at < 0x80) return {*at, 1};
  const int more = continuation_bytes(*at);
  if (more < 0 || end - at <= more) return kBad;
  std::uint32_t value = *at & (0x3FU >> more);
  for (int i = 1; i <= more; ++i) {
    if ((at[i] & 0xC0) != 0x80) return kBad;
    value = value << 6 | (at[i] & 0x3FU);
  }
  if (value < kSmallest[more] || value > 0x10FFFF) return kBad;
  return {value, more + 1};
}

}  // namespace

Text decode_lines(const char* data, const std::int64_t* offsets, std::int64_t lines) {
  Text text;
  text.characters.reserve(static_cast<std::size_t>((offsets[lines] - offsets[0]) / 2));
  text.byte_begin.reserve(text.characters.capacity());
  text.line_begin.reserve(static_cast<std::size_t>(lines + 1));
  const auto* bytes = reinterpret_cast<const unsigned char*>(data);
  for (std::int64_t line = 0; line < lines; ++line) {
    text.line_begin.push_back(static_cast<std::int64_t>(text.characters.size()));
    for (std::int64_t at = offsets[line]; at < offsets[line + 1];) {
      const Character character = decode(bytes + at, bytes + offsets[line + 1]);
      text.characters.push_back(character.value);
      text.byte_begin.push_back(at);
      at += character.bytes;
    }
  }
  text.line_begin.push_back(static_cast<std::int64_t>(text.characters.size()));
  return text;
}

}  // namespace corpuskit::lac
