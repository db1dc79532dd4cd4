// Words that a user has added to the dictionary, changed or removed.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lac_trie.h"

namespace corpuskit::jieba {

struct UserWord {
  bool known = false;        // it overrides the dictionary
  bool is_word = false;      // false: frequency 0
  bool force_split = false;  // the HMM may not make this word
  double log_frequency = 0;
};

class UserWords {
 public:
  using Node = std::int32_t;
  static constexpr Node kNone = lac::Trie::kNone;

  // A word of frequency 0 is never made by the HMM again, not even when it gets another one.
  void set(const std::u32string& word, bool is_word, double log_frequency) {
    const std::vector<std::uint32_t> characters(word.begin(), word.end());
    const auto node = static_cast<std::size_t>(trie_.add(characters.data(), characters.size()));
    words_.resize(static_cast<std::size_t>(trie_.nodes()));
    const bool force_split = words_[node].force_split || !is_word;
    words_[node] = {true, is_word, force_split, log_frequency};
    if (word[0] < first_.size()) first_.set(word[0]);
    any_force_split_ = any_force_split_ || force_split;
  }

  bool empty() const { return words_.empty(); }
  bool any_force_split() const { return any_force_split_; }

  Node first(std::uint16_t character) const {
    return first_[character] ? trie_.next(0, character) : kNone;
  }
  Node next(Node node, std::uint16_t character) const {
    return node == kNone ? kNone : trie_.next(node, character);
  }
  const UserWord& operator[](Node node) const { return words_[static_cast<std::size_t>(node)]; }

 private:
  lac::Trie trie_;
  std::vector<UserWord> words_;  // by node
  std::bitset<0x10000> first_;   // first characters, to pass by most positions of a text quickly
  bool any_force_split_ = false;
};

}  // namespace corpuskit::jieba
