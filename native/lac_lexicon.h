// From characters to the network's input units, and the user's dictionary.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "lac_trie.h"

namespace corpuskit::lac {

// Words as one flat buffer: word i is characters[begin[i], begin[i+1]).
struct WordList {
  const std::uint32_t* characters;
  const std::int64_t* begin;
  std::int64_t count;
};

// Input units of one or more lines: ids, and how many characters each covers.
struct Units {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> lengths;
};

// Cuts a line into the units of the network's vocabulary.
//
// Without words every character is a unit. With words a line is first cut by dynamic
// programming over the cutting dictionary, and runs of single ASCII letters and digits are
// joined; a piece that is a word of the vocabulary is one unit, any other piece is taken
// character by character.
class Lexicon {
 public:
  Lexicon(const std::uint32_t* characters, const std::int32_t* ids, std::int64_t count,
          std::int32_t unknown);

  // `log_total` is the logarithm of the cutting dictionary's summed frequencies.
  void set_words(const WordList& vocabulary, const std::int32_t* ids, const WordList& cutting,
                 double log_total);

  void append_units(const std::uint32_t* line, std::int64_t length, Units& units) const;

 private:
  std::int32_t character_id(std::uint32_t character) const {
    return character < small_.size() ? small_[character] : large_id(character);
  }
  std::int32_t large_id(std::uint32_t character) const;
  std::vector<std::int64_t> best_ends(const std::uint32_t* line, std::int64_t length) const;
  std::int32_t word_id(const std::uint32_t* word, std::int64_t length) const;
  void append_piece(const std::uint32_t* piece, std::int64_t length, Units& units) const;

  std::int32_t unknown_;
  std::vector<std::int32_t> small_;                          // by character, the first 65,536
  std::unordered_map<std::uint32_t, std::int32_t> large_;
  bool has_words_ = false;
  Trie trie_;                                                // both word lists
  std::vector<std::int32_t> vocabulary_id_;                  // by node, or -1
  std::vector<double> cutting_score_;                        // by node, or -infinity
  double single_score_ = 0.0;
};

// The user's dictionary: phrases, each of one or more words with or without a label.
struct Phrase {
  std::vector<std::int64_t> ends;    // of its words, in characters from the phrase's beginning
  std::vector<std::int32_t> labels;  // of its words, or -1: keep the network's
};

class UserDictionary {
 public:
  void add(const std::uint32_t* characters, std::size_t length, Phrase phrase);
  bool empty() const { return phrases_.empty(); }

  // Edits the word beginnings and labels of a line. Every occurrence whose end lies beyond that
  // of the last one taken is applied, from left to right, shorter before longer; a later one
  // overrides.
  void apply(const std::uint32_t* line, std::int64_t length, std::uint8_t* begins,
             std::int32_t* labels) const;

 private:
  static void apply_phrase(const Phrase& phrase, std::int64_t at, std::int64_t length,
                           std::uint8_t* begins, std::int32_t* labels);

  Trie trie_;
  std::unordered_map<std::int32_t, Phrase> phrases_;  // by node
};

}  // namespace corpuskit::lac
