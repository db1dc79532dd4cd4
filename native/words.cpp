// Segmented text: the words of sentences joined by one space, the sentences by line feeds.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings.h"
#include "flat.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

constexpr std::int64_t kBlock = 16;  // bytes; short words are looked at and copied as one block

// Whether one of the first `bytes` bytes of a block is white space, a control character, a
// quotation mark or a backslash: what is not simply copied.
bool has_special(const char* block, std::int64_t bytes) {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 0xFF;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  std::uint64_t halves[2];
  std::memcpy(halves, block, sizeof(halves));
  const auto below = [](std::uint64_t x, std::uint64_t n) { return (x - kOnes * n) & ~x & kHighs; };
  const auto special = [&](std::uint64_t x) {
    return below(x, 0x21) | below(x ^ kOnes * '"', 1) | below(x ^ kOnes * '\\', 1);
  };
  const auto after = [](std::int64_t n) { return n >= 8 ? 0 : ~std::uint64_t{0} << 8 * n; };
  return (special(halves[0] | after(bytes)) |
          special(halves[1] | after(std::max<std::int64_t>(bytes - 8, 0)))) != 0;
}

// Writes the text of documents, word by word.
class Joiner {
 public:
  Joiner(bool json, std::int64_t bytes) : json_(json), out_(static_cast<std::size_t>(bytes), 0) {}

  // A space inside a word stands alone, as every other. `room` bytes may be read at `word`.
  void add_word(const char* word, std::int64_t bytes, std::int64_t room) {
    reserve(kLongestByte * bytes + kBlock);
    if (bytes == 0 || bytes > kBlock || room < kBlock || has_special(word, bytes))
      return add_by_bytes(word, word + bytes);
    separate();
    std::memcpy(&out_[at_], word, kBlock);
    at_ += static_cast<std::size_t>(bytes);
  }

  void end_line() {
    put_line_feed();
    inside_ = false;
  }

  // Text ends a document with an empty line; in JSON the line feeds only separate lines.
  void end_document(bool has_lines) {
    if (!json_) put_line_feed();
    if (json_ && has_lines) at_ -= 2;
  }

  std::int64_t size() const { return static_cast<std::int64_t>(at_); }

  std::string take() {
    out_.resize(at_);
    return std::move(out_);
  }

 private:
  static constexpr std::int64_t kLongestByte = 7;  // a separator and an escape

  void reserve(std::int64_t bytes) {
    const std::size_t needed = at_ + static_cast<std::size_t>(bytes);
    if (needed > out_.size()) out_.resize(std::max(needed, out_.size() * 2));
  }

  void put(char c) { out_[at_++] = c; }

  void put_line_feed() {
    reserve(2);
    if (json_) put('\\');
    put(json_ ? 'n' : '\n');
  }

  void separate() {
    if (inside_) put(' ');
    inside_ = true;
  }

  void add_by_bytes(const char* at, const char* end) {
    bool alone = true;
    for (; at < end; ++at) {
      if (alone || *at == ' ') separate();
      alone = *at == ' ';
      const bool escaped = static_cast<unsigned char>(*at) < 0x20 || *at == '"' || *at == '\\';
      json_ && escaped ? put_escape(*at) : put(*at);
    }
  }

  void put_escape(char c) {
    constexpr char kHex[] = "0123456789abcdef";
    constexpr std::string_view kShort = "\"\"\\\\\bb\ff\nn\rr\tt";
    put('\\');
    for (std::size_t i = 0; i < kShort.size(); i += 2)
      if (kShort[i] == c) return put(kShort[i + 1]);
    for (const char digit : {'u', '0', '0', kHex[c >> 4 & 0xF], kHex[c & 0xF]}) put(digit);
  }

  bool json_;
  bool inside_ = false;  // a line that has a word
  std::string out_;      // as large as there is room; `at_` bytes are written
  std::size_t at_ = 0;
};

void check(const flat::Offsets& line_begin, std::int64_t words, const flat::Offsets& lines) {
  const py::ssize_t count = line_begin.size() - 1;
  flat::require(count >= 0 && line_begin.at(0) == 0 && line_begin.at(count) == words,
                "lines do not cover the words");
  for (py::ssize_t i = 0; i < count; ++i)
    flat::require(line_begin.at(i) <= line_begin.at(i + 1), "lines decrease");
  const std::int64_t* const first = lines.data();
  const bool none_negative =
      std::all_of(first, first + lines.size(), [](std::int64_t n) { return n >= 0; });
  flat::require(none_negative && std::accumulate(first, first + lines.size(), std::int64_t{0}) ==
                                     count,
                "documents do not cover the lines");
}

py::tuple join_documents(const py::buffer& data, const flat::Offsets& word_begin,
                         const flat::Offsets& line_begin, const flat::Offsets& lines, bool json) {
  const flat::Pieces words(data, word_begin);
  check(line_begin, words.count(), lines);
  const std::int64_t documents = lines.size();
  const std::int64_t* const line_count = lines.data();
  const std::int64_t* line = line_begin.data();
  std::vector<std::int64_t> offsets{0};
  Joiner joiner(json, words.bytes() + words.count() + line_begin.size() + documents);
  {
    const py::gil_scoped_release release;
    for (std::int64_t i = 0; i < documents; ++i) {
      for (const std::int64_t* const end = line + line_count[i]; line < end; ++line) {
        for (std::int64_t word = line[0]; word < line[1]; ++word)
          joiner.add_word(words.at(word), words.size(word), words.room(word));
        joiner.end_line();
      }
      joiner.end_document(line_count[i] > 0);
      offsets.push_back(joiner.size());
    }
  }
  return py::make_tuple(flat::to_array<std::uint8_t>(joiner.take()),
                        flat::to_array<std::int64_t>(std::move(offsets)));
}

}  // namespace

void bind_words(py::module_& m) {
  m.def("join_documents", &join_documents, py::arg("data"), py::arg("word_begin"),
        py::arg("line_begin"), py::arg("lines"), py::arg("json"), R"(Write segmented text.

Args:
    data: UTF-8.
    word_begin: int64[words + 1]; word w is data[word_begin[w]:word_begin[w + 1]].
    line_begin: int64[all lines + 1]; line i has words line_begin[i] up to line_begin[i + 1].
    lines: int64[documents]; the number of lines of each document.
    json: Escaped as the inside of a JSON string, instead of lines with an empty one at the end
        of each document.

Returns:
    uint8[bytes]; int64[documents + 1], where the text of each document begins, and the end.)");
}

}  // namespace corpuskit
