// Batches of lines and words as flat arrays, and the forms in which words leave the kernel.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace corpuskit::jieba {

namespace py = pybind11;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;
using Offsets = Array<std::int64_t>;

inline void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

// An array that owns the numbers, without a copy.
template <typename T>
py::array_t<T> to_array(std::vector<T>&& values) {
  auto* owned = new std::vector<T>(std::move(values));
  const py::capsule owner(owned, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(static_cast<py::ssize_t>(owned->size()), owned->data(), owner);
}

// Pieces of a text, one after the other: piece i is data[offsets[i], offsets[i + 1]).
struct Pieces {
  Pieces(const py::buffer& buffer, const Offsets& array);
  std::int64_t bytes() const { return offsets[count] - offsets[0]; }

  py::buffer_info info;
  const char* data;
  const std::int64_t* offsets;
  std::int64_t count;
};

// The lines again with a space between two words and a line feed after each line: (text,
// uint8[bytes]; begin of each line and the end, int64[lines + 1]).
py::tuple join_words(const py::buffer& data, const Offsets& begin, const Offsets& line_begin);

// The words of each line as a list of strings.
py::list word_strings(const py::buffer& data, const Offsets& begin, const Offsets& line_begin);

}  // namespace corpuskit::jieba
