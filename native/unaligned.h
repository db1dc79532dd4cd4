// A read-only view of numbers that may begin at any byte: the arrays inside an .idx file
// start at offset 34.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <cstring>

namespace corpuskit {

template <typename T>
class Unaligned {
 public:
  explicit Unaligned(const pybind11::array_t<T, pybind11::array::c_style>& array)
      : bytes_(static_cast<const char*>(static_cast<const void*>(array.data()))),
        size_(array.size()) {}

  T operator[](int64_t i) const {
    T value;
    std::memcpy(&value, bytes_ + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
    return value;
  }

  int64_t size() const { return size_; }

 private:
  const char* bytes_;
  int64_t size_;
};

}  // namespace corpuskit
