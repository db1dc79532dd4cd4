// Segmented text: the words of sentences joined by one space, the sentences by line feeds.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "bindings.h"
#include "flat.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

bool is_plain_in_json(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escape(char c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: out += {'\\', 'u', '0', '0', kHex[c >> 4 & 0xF], kHex[c & 0xF]};
  }
}

class Joiner {
 public:
  Joiner(bool json, std::int64_t bytes) : json_(json) {
    text.reserve(static_cast<std::size_t>(bytes));
  }

  // A space inside a word stands alone, as every other.
  void add_word(const char* at, const char* end) {
    while (at < end) {
      const char* const stop = *at == ' ' ? at + 1 : std::find(at, end, ' ');
      if (inside_) text += ' ';
      inside_ = true;
      json_ ? append_json(at, stop) : static_cast<void>(text.append(at, stop));
      at = stop;
    }
  }

  void end_line() {
    text += json_ ? "\\n" : "\n";
    inside_ = false;
  }

  // Text ends a document with an empty line; in JSON the line feeds only separate lines.
  void end_document(bool has_lines) {
    if (!json_) text += '\n';
    if (json_ && has_lines) text.resize(text.size() - 2);
  }

  std::string text;

 private:
  void append_json(const char* at, const char* end) {
    while (true) {
      const char* const stop = std::find_if_not(at, end, is_plain_in_json);
      text.append(at, stop);
      if (stop == end) return;
      append_escape(*stop, text);
      at = stop + 1;
    }
  }

  bool json_;
  bool inside_ = false;  // a line that has a word
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
          joiner.add_word(words.at(word), words.at(word + 1));
        joiner.end_line();
      }
      joiner.end_document(line_count[i] > 0);
      offsets.push_back(static_cast<std::int64_t>(joiner.text.size()));
    }
  }
  return py::make_tuple(flat::to_array<std::uint8_t>(std::move(joiner.text)),
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
