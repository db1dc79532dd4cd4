// jieba's accurate mode: lines of UTF-8 in, byte positions of words out.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "jieba_hmm.h"
#include "jieba_image.h"
#include "jieba_user.h"

namespace corpuskit::jieba {

struct NotUtf8 : std::invalid_argument {
  explicit NotUtf8(std::int64_t position)
      : std::invalid_argument("not UTF-8 at byte " + std::to_string(position)) {}
};

// Everything that decides the words.
struct Lexicon {
  Image image;
  UserWords user;
  double log_total;
};

// Cuts line after line of one text; an object a thread, the lexicon is shared.
class Cutter {
 public:
  // Positions of word begins are appended to `words`.
  Cutter(const Lexicon& lexicon, bool with_hmm, const char* text,
         std::vector<std::int64_t>& words)
      : lexicon_(lexicon),
        image_(lexicon.image),
        with_hmm_(with_hmm),
        hmm_(lexicon.image),
        text_(reinterpret_cast<const unsigned char*>(text)),
        words_(words) {}

  // Cuts text[begin, end).
  void cut_line(std::int64_t begin, std::int64_t end);

 private:
  // A block is a longest run of Han, ASCII letters and digits, and + # & . _ % -
  std::int64_t read_block(std::int64_t at, std::int64_t end);
  void grow();
  void cut_block();
  template <bool kWithUser>
  void find_route();
  void follow_route_hmm();
  void follow_route();

  // The block's characters [begin, end), all of them words of one character on the route.
  void cut_singles(std::int64_t begin, std::int64_t end);
  void discover(std::int64_t begin, std::int64_t end);
  void discover_han(std::int64_t begin, std::int64_t end);
  void discover_symbols(std::int64_t begin, std::int64_t end);
  bool is_word(std::int64_t begin, std::int64_t end) const;
  bool is_force_split(std::int64_t begin, std::int64_t end) const;
  const UserWord* user_word(std::int64_t begin, std::int64_t end) const;

  void emit(std::int64_t character) { words_.push_back(position_[character]); }
  void emit_each(std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) emit(i);
  }

  const Lexicon& lexicon_;
  const Image image_;
  const bool with_hmm_;
  Hmm hmm_;
  const unsigned char* text_;
  std::vector<std::int64_t>& words_;

  // The block: characters, their codes and byte positions.
  std::int64_t length_ = 0;
  std::vector<std::uint16_t> character_;
  std::vector<Code> code_;
  std::vector<std::int64_t> position_;
  // The best cutting of the block from each character on: its score, and where its word ends.
  std::vector<double> score_;
  std::vector<std::int64_t> word_end_;
};

}  // namespace corpuskit::jieba
