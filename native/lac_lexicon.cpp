#include "lac_lexicon.h"

#include <cmath>
#include <limits>
#include <utility>

namespace corpuskit::lac {
namespace {

constexpr std::uint32_t kSmallCharacters = 0x10000;
constexpr double kNotAWord = -std::numeric_limits<double>::infinity();

bool is_ascii_alphanumeric(std::uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

template <typename Visit>
void for_each_word(const WordList& words, Visit visit) {
  for (std::int64_t i = 0; i < words.count; ++i)
    visit(i, words.characters + words.begin[i], words.begin[i + 1] - words.begin[i]);
}

}  // namespace

Lexicon::Lexicon(const std::uint32_t* characters, const std::int32_t* ids, std::int64_t count,
                 std::int32_t unknown)
    : unknown_(unknown), small_(kSmallCharacters, unknown) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (characters[i] < kSmallCharacters) {
      small_[characters[i]] = ids[i];
    } else {
      large_[characters[i]] = ids[i];
    }
  }
}

std::int32_t Lexicon::large_id(std::uint32_t character) const {
  const auto found = large_.find(character);
  return found == large_.end() ? unknown_ : found->second;
}

void Lexicon::set_words(const WordList& vocabulary, const std::int32_t* ids,
                        const WordList& cutting, double log_total) {
  has_words_ = true;
  trie_.reserve(static_cast<std::size_t>(2 * (vocabulary.count + cutting.count)));
  // LAC 2.1.2 stores a word's length where its frequency is meant, so that the score of a word
  // is log(length) - log(total); the dynamic program depends on it.
  for_each_word(cutting, [&](std::int64_t, const std::uint32_t* word, std::int64_t length) {
    const std::int32_t node = trie_.add(word, static_cast<std::size_t>(length));
    cutting_score_.resize(static_cast<std::size_t>(trie_.nodes()), kNotAWord);
    cutting_score_[node] = std::log(static_cast<double>(length)) - log_total;
  });
  for_each_word(vocabulary, [&](std::int64_t i, const std::uint32_t* word, std::int64_t length) {
    const std::int32_t node = trie_.add(word, static_cast<std::size_t>(length));
    vocabulary_id_.resize(static_cast<std::size_t>(trie_.nodes()), -1);
    vocabulary_id_[node] = ids[i];
  });
  cutting_score_.resize(static_cast<std::size_t>(trie_.nodes()), kNotAWord);
  vocabulary_id_.resize(static_cast<std::size_t>(trie_.nodes()), -1);
  single_score_ = std::log(1.0) - log_total;
}

// For every position the end of the best word that begins there. Equal scores: the longest.
std::vector<std::int64_t> Lexicon::best_ends(const std::uint32_t* line,
                                             std::int64_t length) const {
  std::vector<double> scores(static_cast<std::size_t>(length + 1), 0.0);
  std::vector<std::int64_t> ends(static_cast<std::size_t>(length));
  for (std::int64_t begin = length - 1; begin >= 0; --begin) {
    scores[begin] = single_score_ + scores[begin + 1];
    ends[begin] = begin + 1;
    std::int32_t node = 0;
    for (std::int64_t end = begin; end < length;) {
      node = trie_.next(node, line[end++]);
      if (node == Trie::kNone) break;
      const double score = cutting_score_[node] + scores[end];
      if (score >= scores[begin]) {
        scores[begin] = score;
        ends[begin] = end;
      }
    }
  }
  return ends;
}

std::int32_t Lexicon::word_id(const std::uint32_t* word, std::int64_t length) const {
  std::int32_t node = 0;
  for (std::int64_t i = 0; i < length && node != Trie::kNone; ++i)
    node = trie_.next(node, word[i]);
  return node == Trie::kNone ? -1 : vocabulary_id_[node];
}

void Lexicon::append_piece(const std::uint32_t* piece, std::int64_t length, Units& units) const {
  const std::int32_t id = length > 1 ? word_id(piece, length) : -1;
  if (id >= 0) {
    units.ids.push_back(id);
    units.lengths.push_back(static_cast<std::int32_t>(length));
    return;
  }
  for (std::int64_t i = 0; i < length; ++i) {
    units.ids.push_back(character_id(piece[i]));
    units.lengths.push_back(1);
  }
}

void Lexicon::append_units(const std::uint32_t* line, std::int64_t length, Units& units) const {
  if (!has_words_) {
    for (std::int64_t i = 0; i < length; ++i) units.ids.push_back(character_id(line[i]));
    units.lengths.resize(units.ids.size(), 1);
    return;
  }
  const std::vector<std::int64_t> ends = best_ends(line, length);
  for (std::int64_t begin = 0, end = 0; begin < length; begin = end) {
    end = ends[begin];
    if (end == begin + 1 && is_ascii_alphanumeric(line[begin])) {
      while (end < length && ends[end] == end + 1 && is_ascii_alphanumeric(line[end])) ++end;
    }
    append_piece(line + begin, end - begin, units);
  }
}

void UserDictionary::add(const std::uint32_t* characters, std::size_t length, Phrase phrase) {
  phrases_[trie_.add(characters, length)] = std::move(phrase);
}

void UserDictionary::apply(const std::uint32_t* line, std::int64_t length, std::uint8_t* begins,
                           std::int32_t* labels) const {
  std::int64_t taken = 0;
  for (std::int64_t at = 0; at < length; ++at) {
    std::int32_t node = 0;
    for (std::int64_t end = at; end < length;) {
      node = trie_.next(node, line[end++]);
      if (node == Trie::kNone) break;
      const auto phrase = phrases_.find(node);
      if (phrase == phrases_.end() || end <= taken) continue;
      apply_phrase(phrase->second, at, length, begins, labels);
      taken = end;
    }
  }
}

void UserDictionary::apply_phrase(const Phrase& phrase, std::int64_t at, std::int64_t length,
                                  std::uint8_t* begins, std::int32_t* labels) {
  std::int64_t from = 0;
  for (std::size_t word = 0; word < phrase.ends.size(); ++word) {
    for (; from < phrase.ends[word]; ++from) {
      begins[at + from] = 0;
      if (phrase.labels[word] >= 0) labels[at + from] = phrase.labels[word];
    }
  }
  begins[at] = 1;
  for (const std::int64_t end : phrase.ends)
    if (at + end < length) begins[at + end] = 1;
}

}  // namespace corpuskit::lac
