#include "jieba_compile.h"

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>
#include <stdexcept>

namespace corpuskit::jieba {
namespace {

using Codes = std::vector<Code>;

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

// Words as codes, in the order of their codes.
struct SortedWords {
  Codes codes;
  std::vector<std::int64_t> begin;
  std::vector<std::int32_t> values;

  std::int64_t length(std::int64_t word) const { return begin[word + 1] - begin[word]; }
  Code at(std::int64_t word, std::int64_t depth) const { return codes[begin[word] + depth]; }
};

std::vector<Code> number_characters(const Source& source) {
  std::uint32_t largest = 0xFFFF;
  for (std::int64_t i = 0; i < source.letters; ++i)
    largest = std::max(largest, source.alphabet[i]);
  require(source.letters < kMaxCodes - 1 && largest <= 0x10FFFF, "too many different characters");
  std::vector<Code> codes(largest + 1, kUnknown);
  for (std::int64_t i = 0; i < source.letters; ++i)
    codes[source.alphabet[i]] = static_cast<Code>(i + 1);
  return codes;
}

SortedWords sort_words(const Source& source, const std::vector<Code>& numbers) {
  Codes codes(source.begin[source.words]);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    require(source.characters[i] < numbers.size(), "a character lies outside the alphabet");
    codes[i] = numbers[source.characters[i]];
    require(codes[i] != kUnknown, "a character lies outside the alphabet");
  }
  std::vector<std::int64_t> order(source.words);
  std::iota(order.begin(), order.end(), 0);
  const auto first = [&](std::int64_t word) { return codes.begin() + source.begin[word]; };
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return std::lexicographical_compare(first(a), first(a + 1), first(b), first(b + 1));
  });
  SortedWords sorted;
  sorted.begin.push_back(0);
  for (const std::int64_t word : order) {
    sorted.codes.insert(sorted.codes.end(), first(word), first(word + 1));
    sorted.begin.push_back(static_cast<std::int64_t>(sorted.codes.size()));
    sorted.values.push_back(source.values[word]);
  }
  return sorted;
}

// Places nodes breadth first. The search for a base goes on where the last one for as many
// children ended; the holes that large nodes leave are filled by the nodes of one child.
class TrieBuilder {
 public:
  TrieBuilder(const SortedWords& words, std::int64_t letters) : words_(words), letters_(letters) {
    grow(1 << 16);
    place({0, static_cast<std::int64_t>(words.values.size()), 0, kRoot});
    while (!waiting_.empty()) {
      const Node node = waiting_.front();
      waiting_.pop_front();
      place(node);
    }
    trim();
  }

  const std::vector<Unit>& units() const { return units_; }

 private:
  // The words from `first` up to `last` share their first `depth` characters.
  struct Node {
    std::int64_t first, last, depth;
    std::int64_t unit;
  };
  struct Child {
    Code code;
    std::int64_t first, last;
  };
  static constexpr std::int64_t kRoot = -1;

  void place(const Node& node) {
    const std::vector<Child> children = children_of(node);
    if (children.empty()) return;
    const std::int64_t base = node.unit == kRoot ? 0 : find_base(children);
    base_taken_[base] = true;
    if (node.unit != kRoot)
      units_[node.unit] |= make_unit(0, static_cast<std::uint32_t>(base), 0);
    for (const Child& child : children) {
      const std::int64_t unit = base + child.code;
      const bool is_word = words_.length(child.first) == node.depth + 1;
      units_[unit] = make_unit(child.code, 0, is_word ? words_.values[child.first] : 0);
      waiting_.push_back({child.first, child.last, node.depth + 1, unit});
    }
  }

  std::vector<Child> children_of(const Node& node) const {
    std::vector<Child> children;
    for (std::int64_t word = node.first; word < node.last; ++word) {
      if (words_.length(word) == node.depth) continue;
      const Code code = words_.at(word, node.depth);
      if (children.empty() || children.back().code != code)
        children.push_back({code, word, word});
      children.back().last = word + 1;
    }
    return children;
  }

  // Bases begin at 1, for 0 marks a leaf.
  std::int64_t find_base(const std::vector<Child>& children) {
    const Code smallest = children.front().code;
    std::int64_t& searched = searched_[std::min(children.size(), searched_.size() - 1)];
    for (std::int64_t slot = std::max<std::int64_t>(searched, smallest + 1);; ++slot) {
      const std::int64_t base = slot - smallest;
      if (base + letters_ >= static_cast<std::int64_t>(units_.size())) grow(2 * units_.size());
      if (base_taken_[base] || !fits(base, children)) continue;
      searched = slot;
      return base;
    }
  }

  bool fits(std::int64_t base, const std::vector<Child>& children) const {
    return std::all_of(children.begin(), children.end(), [&](const Child& child) {
      return code_of(units_[base + child.code]) == kNoCode;
    });
  }

  void grow(std::size_t size) {
    units_.resize(size, make_unit(kNoCode, 0, 0));
    base_taken_.resize(size);
  }

  // Every base can be followed by every code without leaving the array.
  void trim() {
    const auto last = std::find(base_taken_.rbegin(), base_taken_.rend(), true);
    const std::size_t bases = static_cast<std::size_t>(base_taken_.rend() - last);
    units_.resize(bases + letters_, make_unit(kNoCode, 0, 0));
    require(static_cast<std::int64_t>(units_.size()) <= kMaxUnits, "the dictionary is too large");
  }

  const SortedWords& words_;
  const std::int64_t letters_;
  std::vector<Unit> units_;
  std::vector<bool> base_taken_;
  std::deque<Node> waiting_;
  std::array<std::int64_t, 64> searched_{};  // by number of children
};

template <typename T>
void append(std::string& image, const T* values, std::size_t count) {
  image.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

}  // namespace

std::string compile(const Source& source) {
  require(source.words > 0 && source.distinct > 0, "the dictionary is empty");
  require(source.distinct <= kMaxValues, "too many different frequencies");
  const std::vector<Code> numbers = number_characters(source);
  const SortedWords words = sort_words(source, numbers);
  const TrieBuilder trie(words, source.letters);

  Header header{};
  header.units = static_cast<std::int64_t>(trie.units().size());
  header.values = source.distinct;
  header.codes = source.letters + 1;
  header.characters = static_cast<std::int64_t>(numbers.size());
  std::copy(source.start, source.start + kTags, header.start);
  header.moves = source.moves;

  std::string image;
  image.reserve(static_cast<std::size_t>(Image::size(header)));
  append(image, &header, 1);
  append(image, trie.units().data(), trie.units().size());
  append(image, source.log_frequency, static_cast<std::size_t>(source.distinct));
  append(image, source.frequency, static_cast<std::size_t>(source.distinct));
  append(image, source.emission, static_cast<std::size_t>(kTags * header.codes));
  append(image, numbers.data(), numbers.size());
  return image;
}

}  // namespace corpuskit::jieba
