// The compiled jieba dictionary: one block of bytes, used where it lies (mostly a mapped file).
//
//   Header | units | log frequencies | frequencies | emissions | codes
//
// Characters have codes, 1 for the most frequent one, so that the tables of common characters
// share cache lines. The words are a double-array trie over codes (Aoe, 1989): the child of
// `unit` by code `c` is units[base(unit) + c] if that one carries the code `c`. No two units
// have the same base, so the code alone tells a child from a stranger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace corpuskit::jieba {

using Code = std::uint16_t;
using Unit = std::uint64_t;  // code (16 bits) | base (24, 0 for a leaf) | value (24)

constexpr Code kUnknown = 0;          // a character of no word and no emission
constexpr Code kNoCode = 0xFFFF;      // of a unit that is not in use
constexpr std::int64_t kMaxCodes = 0xFFFF;
constexpr std::int64_t kMaxUnits = 1 << 24;
constexpr std::int64_t kMaxValues = 1 << 24;

inline Code code_of(Unit unit) { return static_cast<Code>(unit); }
inline std::uint32_t base_of(Unit unit) { return static_cast<std::uint32_t>(unit >> 16) & 0xFFFFFF; }
inline std::uint32_t value_of(Unit unit) { return static_cast<std::uint32_t>(unit >> 40); }
inline Unit make_unit(Code code, std::uint32_t base, std::uint32_t value) {
  return static_cast<Unit>(code) | static_cast<Unit>(base) << 16 | static_cast<Unit>(value) << 40;
}

// Tags of characters inside words, in jieba's order of states.
enum Tag : std::uint8_t { kBegin, kEnd, kMiddle, kSingle, kTags };

// Log probabilities of the moves between tags that are possible.
struct Moves {
  double end_begin, single_begin;
  double begin_middle, middle_middle;
  double begin_end, middle_end;
  double end_single, single_single;
};

struct Header {
  std::int64_t units;
  std::int64_t values;  // distinct frequencies; number 0 is a prefix that is no word
  std::int64_t codes;   // with kUnknown
  std::int64_t characters;
  double start[kTags];
  Moves moves;
};
static_assert(sizeof(Header) % alignof(double) == 0, "sections would not be aligned");

// Typed pointers into an image.
struct Image {
  const Header* header;
  const Unit* units;
  const double* log_frequency;    // [values]
  const std::int64_t* frequency;  // [values]
  const double* emission;         // [codes][kTags]
  const Code* codes;              // [characters]

  static std::int64_t size(const Header& header) {
    return static_cast<std::int64_t>(sizeof(Header)) +
           8 * (header.units + 2 * header.values + kTags * header.codes) + 2 * header.characters;
  }

  Image(const void* data, std::int64_t bytes) : header(static_cast<const Header*>(data)) {
    if (bytes < static_cast<std::int64_t>(sizeof(Header)) || size(*header) != bytes ||
        header->characters < 0x10000)
      throw std::invalid_argument("not a compiled jieba dictionary");
    units = reinterpret_cast<const Unit*>(header + 1);
    log_frequency = reinterpret_cast<const double*>(units + header->units);
    frequency = reinterpret_cast<const std::int64_t*>(log_frequency + header->values);
    emission = reinterpret_cast<const double*>(frequency + header->values);
    codes = reinterpret_cast<const Code*>(emission + kTags * header->codes);
  }

  Code code(std::uint32_t character) const {
    return character < header->characters ? codes[character] : kUnknown;
  }

  // The number of a word's frequency; 0 for a prefix of words, -1 if it is not even that.
  std::int64_t value(const Code* word, std::int64_t length) const {
    Unit unit = 0;
    for (std::int64_t i = 0; i < length; ++i) {
      if (i > 0 && base_of(unit) == 0) return -1;
      unit = units[base_of(unit) + word[i]];
      if (code_of(unit) != word[i]) return -1;
    }
    return value_of(unit);
  }
};

}  // namespace corpuskit::jieba
