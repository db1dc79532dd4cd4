#include "jieba_words.h"

#include <algorithm>
#include <cstring>

namespace corpuskit::jieba {
namespace {

void check_lines(const Pieces& words, const Offsets& line_begin) {
  const py::ssize_t lines = line_begin.size() - 1;
  require(lines >= 0 && line_begin.at(0) == 0 && line_begin.at(lines) == words.count,
          "lines do not cover the words");
  for (py::ssize_t i = 0; i < lines; ++i)
    require(line_begin.at(i) <= line_begin.at(i + 1), "lines decrease");
}

// One byte after each word, and one for each line without a word.
std::int64_t joined_size(const Pieces& words, const std::int64_t* line_begin, std::int64_t lines) {
  std::int64_t size = words.bytes() + words.count;
  for (std::int64_t i = 0; i < lines; ++i) size += line_begin[i] == line_begin[i + 1];
  return size;
}

// Copies words, short ones as one block of fixed size where both ends have room for it.
class Joiner {
 public:
  Joiner(const Pieces& words, char* out, std::int64_t size)
      : words_(words), out_(out), size_(size) {}

  void put(std::int64_t word) {
    constexpr std::int64_t kBlock = 16;
    const std::int64_t from = words_.offsets[word];
    const std::int64_t bytes = words_.offsets[word + 1] - from;
    if (bytes <= kBlock && size_ - at_ >= kBlock && words_.info.size - from >= kBlock)
      std::memcpy(out_ + at_, words_.data + from, kBlock);
    else
      std::memcpy(out_ + at_, words_.data + from, static_cast<std::size_t>(bytes));
    at_ += bytes;
    out_[at_++] = ' ';
  }

  std::int64_t end_line(bool empty) {
    at_ += empty ? 1 : 0;
    out_[at_ - 1] = '\n';
    return at_;
  }

 private:
  const Pieces& words_;
  char* const out_;
  const std::int64_t size_;
  std::int64_t at_ = 0;
};

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

}  // namespace

Pieces::Pieces(const py::buffer& buffer, const Offsets& array)
    : info(buffer.request()),
      data(static_cast<const char*>(info.ptr)),
      offsets(array.data()),
      count(array.size() - 1) {
  require(count >= 0 && info.itemsize == 1 && info.ndim == 1 && offsets[0] >= 0 &&
              offsets[count] <= info.size,
          "offsets lie outside the data");
  for (std::int64_t i = 0; i < count; ++i)
    require(offsets[i] <= offsets[i + 1], "offsets decrease");
}

py::tuple join_words(const py::buffer& data, const Offsets& begin, const Offsets& line_begin) {
  const Pieces words(data, begin);
  check_lines(words, line_begin);
  const std::int64_t lines = line_begin.size() - 1;
  const std::int64_t* first = line_begin.data();
  const std::int64_t size = joined_size(words, first, lines);
  py::array_t<std::uint8_t> text(size);
  std::vector<std::int64_t> out_begin(static_cast<std::size_t>(lines + 1));
  {
    Joiner joiner(words, reinterpret_cast<char*>(text.mutable_data()), size);
    const py::gil_scoped_release release;
    for (std::int64_t i = 0; i < lines; ++i) {
      for (std::int64_t word = first[i]; word < first[i + 1]; ++word) joiner.put(word);
      out_begin[i + 1] = joiner.end_line(first[i] == first[i + 1]);
    }
  }
  return py::make_tuple(text, to_array(std::move(out_begin)));
}

py::list word_strings(const py::buffer& data, const Offsets& begin, const Offsets& line_begin) {
  const Pieces words(data, begin);
  check_lines(words, line_begin);
  StringMaker maker(words.count);
  py::list lines(line_begin.size() - 1);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::int64_t* first = line_begin.data() + i;
    py::list line(first[1] - first[0]);
    for (std::size_t word = 0; word < line.size(); ++word) {
      const std::int64_t* at = words.offsets + first[0] + word;
      py::object string = maker.make(words.data + at[0], at[1] - at[0], words.info.size - at[0]);
      PyList_SET_ITEM(line.ptr(), static_cast<py::ssize_t>(word), string.release().ptr());
    }
    PyList_SET_ITEM(lines.ptr(), static_cast<py::ssize_t>(i), line.release().ptr());
  }
  return lines;
}

}  // namespace corpuskit::jieba
