// Words that a user has added to the dictionary, changed or removed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace corpuskit::jieba {

struct UserWord {
  bool known = false;        // it overrides the dictionary
  bool is_word = false;      // false: frequency 0
  bool force_split = false;  // the HMM may not make this word
  double log_frequency = 0;
};

// A trie whose edges lie in one table with open addressing; node 0 is the root. Most positions
// of a text have no edge from the root, so its edges by characters of blocks lie in an array.
class UserWords {
 public:
  using Node = std::int32_t;
  static constexpr Node kNone = -1;

  UserWords() { first_.fill(kNone); }

  // A word of frequency 0 is never made by the HMM again, not even when it gets another one.
  void set(const std::u32string& word, bool is_word, double log_frequency) {
    Node node = 0;
    for (const char32_t character : word) {
      const Node child = add(node, character);
      if (node == 0 && character < first_.size()) first_[character] = child;
      node = child;
    }
    const bool force_split = words_[node].force_split || !is_word;
    words_[node] = {true, is_word, force_split, log_frequency};
    any_force_split_ = any_force_split_ || force_split;
  }

  bool empty() const { return words_.size() == 1; }
  bool any_force_split() const { return any_force_split_; }

  Node first(std::uint16_t character) const { return first_[character]; }
  Node next(Node node, std::uint16_t character) const {
    return node == kNone ? kNone : edges_[slot(key(node, character))].child;
  }
  const UserWord& operator[](Node node) const { return words_[node]; }

 private:
  struct Edge {
    std::uint64_t key = 0;
    Node child = kNone;
  };

  static std::uint64_t key(Node node, char32_t character) {
    return static_cast<std::uint64_t>(node) << 32 | character;
  }

  // Where the edge is, or would be.
  std::size_t slot(std::uint64_t key) const {
    const std::size_t mask = edges_.size() - 1;
    std::size_t at = (key * 0x9E3779B97F4A7C15ULL >> 32) & mask;
    while (edges_[at].child != kNone && edges_[at].key != key) at = (at + 1) & mask;
    return at;
  }

  Node add(Node node, char32_t character) {
    if (2 * words_.size() > edges_.size()) grow();
    Edge& edge = edges_[slot(key(node, character))];
    if (edge.child == kNone) {
      edge = {key(node, character), static_cast<Node>(words_.size())};
      words_.emplace_back();
    }
    return edge.child;
  }

  void grow() {
    std::vector<Edge> old(2 * edges_.size());
    old.swap(edges_);
    for (const Edge& edge : old)
      if (edge.child != kNone) edges_[slot(edge.key)] = edge;
  }

  std::vector<Edge> edges_ = std::vector<Edge>(64);
  std::vector<UserWord> words_ = std::vector<UserWord>(1);  // by node
  std::array<Node, 0x10000> first_;
  bool any_force_split_ = false;
};

}  // namespace corpuskit::jieba
