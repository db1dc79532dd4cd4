#include "jieba_strings.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace corpuskit::jieba {
namespace {

namespace py = pybind11;

// A string of a word; quick for three-byte characters, as most of Chinese are.
PyObject* make_string(const char* word, std::int64_t bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(word);
  bool wide = bytes % 3 == 0 && bytes > 0;
  for (std::int64_t i = 0; wide && i < bytes; i += 3) wide = (at[i] & 0xF0) == 0xE0;
  if (!wide) return PyUnicode_DecodeUTF8(word, bytes, "strict");
  PyObject* string = PyUnicode_New(bytes / 3, 0xFFFF);
  if (string == nullptr) return nullptr;
  Py_UCS2* out = PyUnicode_2BYTE_DATA(string);
  for (std::int64_t i = 0; i < bytes; i += 3)
    *out++ = static_cast<Py_UCS2>((at[i] & 0xF) << 12 | (at[i + 1] & 0x3F) << 6 |
                                  (at[i + 2] & 0x3F));
  return string;
}

// Makes the strings of a batch. A word of up to 15 bytes that came by not long ago is the same
// object again, which costs a third of a new one.
class StringMaker {
 public:
  explicit StringMaker(std::int64_t words) {
    while (bits_ < 14 && (std::int64_t{1} << bits_) < words) ++bits_;
    recent_.resize(std::size_t{1} << bits_);
  }

  // `room` bytes may be read at `word`.
  py::object make(const char* word, std::int64_t bytes, std::int64_t room) {
    if (bytes >= 16 || room < 16) return create(word, bytes);
    const Key key = key_of(word, static_cast<std::uint64_t>(bytes));
    Recent& recent = recent_[(key.low * 0x9E3779B97F4A7C15ULL ^ key.high * 0xC2B2AE3D27D4EB4FULL) >>
                             (64 - bits_)];
    if (!recent.string || recent.key.low != key.low || recent.key.high != key.high)
      recent = {key, create(word, bytes)};
    return recent.string;
  }

 private:
  struct Key {
    std::uint64_t low, high;  // the bytes, and their number at the top
  };
  struct Recent {
    Key key;
    py::object string;
  };

  static Key key_of(const char* word, std::uint64_t bytes) {
    Key key;
    std::memcpy(&key, word, sizeof(key));
    if (bytes < 8) {
      key.low &= (std::uint64_t{1} << 8 * bytes) - 1;
      key.high = 0;
    } else {
      key.high &= (std::uint64_t{1} << 8 * (bytes - 8)) - 1;
    }
    key.high |= bytes << 56;
    return key;
  }

  static py::object create(const char* word, std::int64_t bytes) {
    PyObject* string = make_string(word, bytes);
    if (string == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(string);
  }

  int bits_ = 4;
  std::vector<Recent> recent_;
};

void check_lines(const flat::Pieces& words, const flat::Offsets& line_begin) {
  const py::ssize_t lines = line_begin.size() - 1;
  flat::require(lines >= 0 && line_begin.at(0) == 0 && line_begin.at(lines) == words.count(),
                "lines do not cover the words");
  for (py::ssize_t i = 0; i < lines; ++i)
    flat::require(line_begin.at(i) <= line_begin.at(i + 1), "lines decrease");
}

}  // namespace

py::list word_strings(const py::buffer& data, const flat::Offsets& begin,
                      const flat::Offsets& line_begin) {
  const flat::Pieces words(data, begin);
  check_lines(words, line_begin);
  const char* const end = words.at(words.count());
  StringMaker maker(words.count());
  py::list lines(line_begin.size() - 1);
  std::int64_t word = 0;
  for (py::ssize_t i = 0; i < line_begin.size() - 1; ++i) {
    const std::int64_t first = word;
    py::list line(line_begin.at(i + 1) - first);
    for (; word < line_begin.at(i + 1); ++word) {
      const char* const at = words.at(word);
      py::object string = maker.make(at, words.at(word + 1) - at, end - at);
      PyList_SET_ITEM(line.ptr(), word - first, string.release().ptr());
    }
    PyList_SET_ITEM(lines.ptr(), i, line.release().ptr());
  }
  return lines;
}

}  // namespace corpuskit::jieba
