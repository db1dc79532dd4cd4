// A set of words over code points, for lookups that extend a match one character at a time.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace corpuskit::lac {

// Nodes are numbered from 0, the root; edges live in one hash table keyed by (node, character).
class Trie {
 public:
  static constexpr std::int32_t kNone = -1;

  // Adds a word and returns its node.
  std::int32_t add(const std::uint32_t* word, std::size_t length) {
    std::int32_t node = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const auto [edge, added] = edges_.try_emplace(key(node, word[i]), nodes_);
      nodes_ += added ? 1 : 0;
      node = edge->second;
    }
    return node;
  }

  // The node one character on, or kNone.
  std::int32_t next(std::int32_t node, std::uint32_t character) const {
    const auto edge = edges_.find(key(node, character));
    return edge == edges_.end() ? kNone : edge->second;
  }

  std::int32_t nodes() const { return nodes_; }
  void reserve(std::size_t edges) { edges_.reserve(edges); }

 private:
  static std::uint64_t key(std::int32_t node, std::uint32_t character) {
    return static_cast<std::uint64_t>(node) << 32 | character;
  }
  struct Hash {
    std::size_t operator()(std::uint64_t key) const {
      return static_cast<std::size_t>((key ^ key >> 29) * 0x9E3779B97F4A7C15ULL >> 20);
    }
  };

  std::unordered_map<std::uint64_t, std::int32_t, Hash> edges_;
  std::int32_t nodes_ = 1;
};

}  // namespace corpuskit::lac
