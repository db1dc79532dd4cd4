// Where the elements of a JSON array begin and end, found without parsing them.
//
// The scanner is fed a file block by block and keeps its state in between, so that an
// array of any size is cut in constant memory. It knows strings, escapes and depth, and
// nothing else of JSON: an element that is not valid is still one element, and whoever
// parses it finds the fault.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <pybind11/numpy.h>

#include "bindings.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

enum class State {
  outside,  // before an array, or after its end
  stray,    // in a line of text outside any array
  between,  // in the array, no element open
  element,  // in an element, outside its strings
  string,   // in a string of an element
  escape,   // after a backslash in a string
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_byte_order_mark(char c, int64_t offset) {
  return offset < 3 && c == "\xEF\xBB\xBF"[offset];
}

// The high bit of every byte of `word` that equals `c`; exact for the lowest such byte, which
// is the first in memory on the little-endian machines that we build for (the zero-byte test
// of Mycroft and Lamport).
uint64_t bytes_equal(uint64_t word, char c) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  word ^= kOnes * static_cast<unsigned char>(c);
  return (word - kOnes) & ~word & (kOnes << 7);
}

// The first quote or backslash in [i, size), or size.
size_t find_special(const char* text, size_t i, size_t size) {
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, text + i, sizeof word);
    const uint64_t found = bytes_equal(word, '"') | bytes_equal(word, '\\');
    if (found) return i + static_cast<size_t>(__builtin_ctzll(found)) / 8;
  }
  while (i < size && text[i] != '"' && text[i] != '\\') ++i;
  return i;
}

// The first unescaped quote in [i, size), or the last byte where that is a backslash whose
// escaped byte lies in the next block, or size.
size_t find_string_end(const char* text, size_t i, size_t size) {
  i = find_special(text, i, size);
  while (i + 1 < size && text[i] == '\\') i = find_special(text, i + 2, size);
  return i;
}

class JsonArrayScanner {
 public:
  JsonArrayScanner(bool inside, int64_t offset)
      : state_(inside ? State::between : State::outside), offset_(offset) {}

  // Appends (begin, end, 1 in an array or 0 outside) of every element that ends here.
  void scan(const char* text, size_t size, std::vector<int64_t>& spans) {
    for (size_t i = 0; i < size; ++i) {
      if (state_ == State::string) {
        i = find_string_end(text, i, size);
        if (i >= size) break;
      }
      const char c = text[i];
      const int64_t here = offset_ + static_cast<int64_t>(i);
      switch (state_) {
        case State::outside: leave_outside(c, here); break;
        case State::stray:
          if (c == '\n') close(State::outside, here, 0, spans);
          break;
        case State::between: leave_between(c, here); break;
        case State::element: within_element(c, here, spans); break;
        case State::string: state_ = c == '"' ? State::element : State::escape; break;
        case State::escape: state_ = State::string; break;
      }
    }
    offset_ += static_cast<int64_t>(size);
  }

  int64_t open() const { return open_; }
  bool inside() const { return state_ != State::outside && state_ != State::stray; }

 private:
  void leave_outside(char c, int64_t here) {
    if (c == '[') {
      state_ = State::between;
    } else if (!is_space(c) && !is_byte_order_mark(c, here)) {
      state_ = State::stray;
      open_ = here;
    }
  }

  void leave_between(char c, int64_t here) {
    if (c == ']') {
      state_ = State::outside;
    } else if (c != ',' && !is_space(c)) {
      state_ = State::element;
      open_ = here;
      depth_ = 0;
      deepen(c);
    }
  }

  void within_element(char c, int64_t here, std::vector<int64_t>& spans) {
    if (depth_ == 0 && (c == ',' || c == ']')) {
      close(c == ',' ? State::between : State::outside, here, 1, spans);
    } else {
      deepen(c);
    }
  }

  void deepen(char c) {
    if (c == '"') {
      state_ = State::string;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }

  void close(State next, int64_t here, int64_t inside, std::vector<int64_t>& spans) {
    spans.insert(spans.end(), {open_, here, inside});
    state_ = next;
    open_ = -1;
  }

  State state_;
  int64_t offset_;
  int64_t open_ = -1;   // where the open element begins
  int64_t depth_ = 0;   // brackets open within it
};

py::array_t<int64_t> feed(JsonArrayScanner& scanner, const py::buffer& block) {
  const py::buffer_info info = block.request();
  if (info.ndim != 1 || info.itemsize != 1 || info.strides[0] != 1) {
    throw py::value_error("the block must be one run of bytes");
  }
  std::vector<int64_t> spans;
  {
    py::gil_scoped_release release;
    scanner.scan(static_cast<const char*>(info.ptr), static_cast<size_t>(info.size), spans);
  }
  const auto rows = static_cast<py::ssize_t>(spans.size() / 3);
  return py::array_t<int64_t>({rows, py::ssize_t{3}}, spans.data());
}

}  // namespace

void bind_json_array(py::module_& m) {
  py::class_<JsonArrayScanner>(m, "JsonArrayScanner", R"(Finds the elements of a JSON array.

Args:
    inside: Whether the text begins between two elements instead of before the array.
    offset: Offset of the first byte that will be fed.)")
      .def(py::init<bool, int64_t>(), py::arg("inside") = false, py::arg("offset") = 0)
      .def("feed", &feed, py::arg("block"),
           R"(Scan the next bytes.

Returns:
    int64 array of shape (n, 3), one row for each element that ends in the block: offset of
    its first byte, offset after its last, and 1 where it stands in an array or 0 for a
    line of text outside any.)")
      .def_property_readonly("open", &JsonArrayScanner::open,
                             "Offset of the element that has begun and not ended, or -1.")
      .def_property_readonly("inside", &JsonArrayScanner::inside,
                             "Whether an array has begun and not ended.");
}

}  // namespace corpuskit
