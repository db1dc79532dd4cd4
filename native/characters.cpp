// Counting the code points of UTF-8 text.
#include <cstddef>
#include <cstdint>

#include <pybind11/numpy.h>

#include "bindings.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

constexpr size_t kCodePoints = 0x110000;

bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Length of the well-formed character at p, or 0. Overlong forms, surrogates and values
// above U+10FFFF are not well-formed (Unicode 15, table 3-7).
size_t decode(const uint8_t* p, size_t left, uint32_t& code) {
  const uint8_t lead = p[0];
  if (lead < 0x80) {
    code = lead;
    return 1;
  }
  if (lead < 0xC2 || lead > 0xF4 || left < 2 || !is_continuation(p[1])) return 0;
  if (lead < 0xE0) {
    code = (lead & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    return 2;
  }
  if (left < 3 || !is_continuation(p[2])) return 0;
  if (lead < 0xF0) {
    code = (lead & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return code >= 0x800 && (code < 0xD800 || code > 0xDFFF) ? 3 : 0;
  }
  if (left < 4 || !is_continuation(p[3])) return 0;
  code = (lead & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
  return code >= 0x10000 && code < kCodePoints ? 4 : 0;
}

// Adds every character to `counts`; returns the number of bytes that belong to none.
uint64_t count(const uint8_t* text, size_t size, uint64_t* counts) {
  uint64_t invalid = 0;
  size_t i = 0;
  while (i < size) {
    uint32_t code = 0;
    const size_t length = decode(text + i, size - i, code);
    if (length == 0) {
      ++invalid;
      ++i;
      continue;
    }
    ++counts[code];
    i += length;
  }
  return invalid;
}

uint64_t count_characters(const py::buffer& data, py::array_t<uint64_t, py::array::c_style>& counts) {
  const py::buffer_info text = data.request();
  if (text.ndim != 1 || text.itemsize != 1 || (text.size > 1 && text.strides[0] != 1)) {
    throw py::value_error("data must be one run of bytes");
  }
  if (counts.size() != static_cast<py::ssize_t>(kCodePoints)) {
    throw py::value_error("counts must hold 0x110000 numbers");
  }
  uint64_t* const table = counts.mutable_data();
  py::gil_scoped_release release;
  return count(static_cast<const uint8_t*>(text.ptr), static_cast<size_t>(text.size), table);
}

}  // namespace

void bind_characters(py::module_& m) {
  m.def("count_characters", &count_characters, py::arg("data"),
        py::arg("counts").noconvert(), R"(Count the code points of UTF-8 text.

Args:
    data: The text, as bytes or any other flat buffer of bytes.
    counts: uint64[0x110000]; the number of times each code point occurs is added to it.

Returns:
    Number of bytes that are not part of any well-formed character.)");
}

}  // namespace corpuskit
