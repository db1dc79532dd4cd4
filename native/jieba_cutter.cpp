#include "jieba_cutter.h"

#include <algorithm>
#include <array>
#include <limits>

namespace corpuskit::jieba {
namespace {

enum Kind : std::uint8_t { kOther, kSymbol, kLetter, kDigit };  // of ASCII characters

constexpr std::array<Kind, 128> ascii_kinds() {
  std::array<Kind, 128> kinds{};
  for (const char c : {'+', '#', '&', '.', '_', '%', '-'}) kinds[static_cast<std::size_t>(c)] = kSymbol;
  for (std::size_t c = 'a'; c <= 'z'; ++c) kinds[c] = kinds[c - 'a' + 'A'] = kLetter;
  for (std::size_t c = '0'; c <= '9'; ++c) kinds[c] = kDigit;
  return kinds;
}
constexpr std::array<Kind, 128> kAscii = ascii_kinds();

constexpr std::uint32_t kFirstHan = 0x4E00;
constexpr std::uint32_t kLastHan = 0x9FD5;

bool is_han(std::uint16_t block_character) { return block_character >= kFirstHan; }
bool is_digit(std::uint16_t c) { return c < 128 && kAscii[c] == kDigit; }
bool is_alphanumeric(std::uint16_t c) { return c < 128 && kAscii[c] >= kLetter; }

bool continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The Han character at `at`, or 0.
std::uint32_t han_at(const unsigned char* at, const unsigned char* end) {
  if (*at < 0xE4 || *at > 0xE9 || end - at < 3 || !continues(at[1]) || !continues(at[2])) return 0;
  const std::uint32_t c = (at[0] & 0xFU) << 12 | (at[1] & 0x3FU) << 6 | (at[2] & 0x3FU);
  return c >= kFirstHan && c <= kLastHan ? c : 0;
}

// Bytes of the well-formed sequence at `at` (Unicode, table 3-7), or 0.
int sequence_bytes(const unsigned char* at, const unsigned char* end) {
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  const int bytes = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (bytes == 0 || end - at < bytes) return 0;
  for (int i = 1; i < bytes; ++i)
    if (!continues(at[i])) return 0;
  const bool too_long = (lead == 0xE0 && at[1] < 0xA0) || (lead == 0xF0 && at[1] < 0x90);
  const bool surrogate = lead == 0xED && at[1] >= 0xA0;
  const bool beyond = lead == 0xF4 && at[1] >= 0x90;
  return too_long || surrogate || beyond ? 0 : bytes;
}

}  // namespace

void Cutter::cut_line(std::int64_t begin, std::int64_t end) {
  for (std::int64_t at = begin; at < end;) {
    const std::int64_t next = read_block(at, end);
    if (next > at) {
      cut_block();
      at = next;
      continue;
    }
    // Outside of blocks every character stands alone, but for the pair CR LF.
    const int bytes = sequence_bytes(text_ + at, text_ + end);
    if (bytes == 0) throw NotUtf8(at);
    words_.push_back(at);
    at += text_[at] == '\r' && at + 1 < end && text_[at + 1] == '\n' ? 2 : bytes;
  }
}

std::int64_t Cutter::read_block(std::int64_t at, std::int64_t end) {
  length_ = 0;
  while (at < end) {
    if (length_ == static_cast<std::int64_t>(character_.size())) grow();
    const unsigned char lead = text_[at];
    std::uint32_t character = lead;
    if (lead >= 0x80) {
      character = han_at(text_ + at, text_ + end);
      if (character == 0) break;
    } else if (kAscii[lead] == kOther) {
      break;
    }
    character_[length_] = static_cast<std::uint16_t>(character);
    code_[length_] = image_.codes[character];
    position_[length_++] = at;
    at += lead < 0x80 ? 1 : 3;
  }
  return at;
}

void Cutter::grow() {
  const std::size_t room = std::max<std::size_t>(256, 2 * character_.size());
  character_.resize(room);
  code_.resize(room);
  position_.resize(room);
  word_end_.resize(room);
  score_.resize(room + 1);
}

void Cutter::cut_block() {
  if (lexicon_.user.empty())
    find_route<false>();
  else
    find_route<true>();
  if (with_hmm_)
    follow_route_hmm();
  else
    follow_route();
}

// From the right to the left; of equal scores the longer word wins.
template <bool kWithUser>
void Cutter::find_route() {
  const double log_total = lexicon_.log_total;
  const UserWords& user = lexicon_.user;
  score_[length_] = 0;
  for (std::int64_t begin = length_ - 1; begin >= 0; --begin) {
    double best = -std::numeric_limits<double>::infinity();
    std::int64_t best_end = 0;
    const auto offer = [&](double log_frequency, std::int64_t end) {
      const double score = log_frequency - log_total + score_[end];
      if (score >= best) {
        best = score;
        best_end = end;
      }
    };

    std::uint32_t base = 0;
    bool in_trie = true;
    UserWords::Node node = kWithUser ? user.first(character_[begin]) : UserWords::kNone;
    for (std::int64_t end = begin; end < length_;) {
      const Code code = code_[end];
      const Unit unit = image_.units[base + code];
      in_trie = in_trie && code_of(unit) == code;
      if (kWithUser && end > begin) node = user.next(node, character_[end]);
      ++end;
      if (kWithUser && node != UserWords::kNone && user[node].known) {
        if (user[node].is_word) offer(user[node].log_frequency, end);
      } else if (in_trie && value_of(unit) != 0) {
        offer(image_.log_frequency[value_of(unit)], end);
      }
      base = base_of(unit);
      in_trie = in_trie && base != 0;
      if (!in_trie && node == UserWords::kNone) break;
    }
    if (best_end == 0) offer(0.0, begin + 1);
    score_[begin] = best;
    word_end_[begin] = best_end;
  }
}

void Cutter::follow_route() {
  bool in_buffer = false;  // letters and digits that stand alone are joined
  for (std::int64_t at = 0; at < length_; at = word_end_[at]) {
    const bool joins = word_end_[at] == at + 1 && is_alphanumeric(character_[at]);
    if (!(joins && in_buffer)) emit(at);
    in_buffer = joins;
  }
}

void Cutter::follow_route_hmm() {
  std::int64_t singles = 0;
  std::int64_t at = 0;
  while (at < length_) {
    const std::int64_t end = word_end_[at];
    if (end > at + 1) {
      cut_singles(singles, at);
      emit(at);
      singles = end;
    }
    at = end;
  }
  cut_singles(singles, length_);
}

void Cutter::cut_singles(std::int64_t begin, std::int64_t end) {
  if (end - begin < 2 || is_word(begin, end))
    emit_each(begin, end);
  else
    discover(begin, end);
}

// What jieba.finalseg.cut does.
void Cutter::discover(std::int64_t begin, std::int64_t end) {
  while (begin < end) {
    const bool han = is_han(character_[begin]);
    std::int64_t stop = begin + 1;
    while (stop < end && is_han(character_[stop]) == han) ++stop;
    if (han)
      discover_han(begin, stop);
    else
      discover_symbols(begin, stop);
    begin = stop;
  }
}

void Cutter::discover_han(std::int64_t begin, std::int64_t end) {
  const std::uint8_t* tags = hmm_.tag(code_.data() + begin, end - begin);
  std::int64_t word = begin;
  for (std::int64_t i = begin; i < end; ++i) {
    if (tags[i - begin] != kEnd && tags[i - begin] != kSingle) continue;
    if (lexicon_.user.any_force_split() && is_force_split(word, i + 1))
      emit_each(word, i + 1);
    else
      emit(word);
    word = i + 1;
  }
}

// Numbers with decimals and percent signs, names of letters and digits; the rest between them
// in one piece: what [a-zA-Z0-9]+(\.\d+)?%? and its gaps are.
void Cutter::discover_symbols(std::int64_t begin, std::int64_t end) {
  const auto is_digit_at = [&](std::int64_t i) { return i < end && is_digit(character_[i]); };
  const auto is_at = [&](std::int64_t i, char c) { return i < end && character_[i] == c; };
  while (begin < end) {
    emit(begin);
    if (!is_alphanumeric(character_[begin])) {
      while (begin < end && !is_alphanumeric(character_[begin])) ++begin;
      continue;
    }
    while (begin < end && is_alphanumeric(character_[begin])) ++begin;
    if (is_at(begin, '.') && is_digit_at(begin + 1))
      for (++begin; is_digit_at(begin);) ++begin;
    if (is_at(begin, '%')) ++begin;
  }
}

bool Cutter::is_word(std::int64_t begin, std::int64_t end) const {
  if (const UserWord* word = user_word(begin, end)) return word->is_word;
  return image_.value(code_.data() + begin, end - begin) > 0;
}

bool Cutter::is_force_split(std::int64_t begin, std::int64_t end) const {
  const UserWord* word = user_word(begin, end);
  return word != nullptr && word->force_split;
}

const UserWord* Cutter::user_word(std::int64_t begin, std::int64_t end) const {
  const UserWords& user = lexicon_.user;
  UserWords::Node node = user.first(character_[begin]);
  for (std::int64_t i = begin + 1; i < end; ++i) node = user.next(node, character_[i]);
  return node != UserWords::kNone && user[node].known ? &user[node] : nullptr;
}

}  // namespace corpuskit::jieba
