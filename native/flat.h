// Batches as flat arrays: what kernels take from NumPy and give to it.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace corpuskit::flat {

using Offsets = pybind11::array_t<std::int64_t, pybind11::array::c_style>;

inline void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

// An array over the elements of a vector or string, which it owns.
template <typename T, typename Container>
pybind11::array_t<T> to_array(Container&& values) {
  auto* owned = new std::remove_reference_t<Container>(std::forward<Container>(values));
  const pybind11::capsule owner(owned, [](void* p) {
    delete static_cast<std::remove_reference_t<Container>*>(p);
  });
  return pybind11::array_t<T>(static_cast<pybind11::ssize_t>(owned->size()),
                              reinterpret_cast<const T*>(owned->data()), owner);
}

// Pieces of a text, one after the other: piece i is data[offsets[i], offsets[i + 1]).
class Pieces {
 public:
  Pieces(const pybind11::buffer& buffer, const Offsets& array)
      : info_(buffer.request()), offsets_(array) {
    require(info_.ndim == 1 && info_.itemsize == 1 && (info_.size < 2 || info_.strides[0] == 1),
            "data must be one run of bytes");
    require(array.ndim() == 1 && array.size() > 0, "there must be one offset more than pieces");
    require(array.at(0) >= 0 && array.at(count()) <= info_.size, "offsets lie outside the data");
    for (std::int64_t i = 0; i < count(); ++i)
      require(begin(i) <= begin(i + 1), "offsets decrease");
  }

  std::int64_t count() const { return offsets_.size() - 1; }
  std::int64_t bytes() const { return begin(count()) - begin(0); }
  const char* at(std::int64_t piece) const {
    return static_cast<const char*>(info_.ptr) + begin(piece);
  }
  std::int64_t size(std::int64_t piece) const { return begin(piece + 1) - begin(piece); }
  // Bytes of the text from a piece on.
  std::int64_t room(std::int64_t piece) const { return info_.size - begin(piece); }

 private:
  std::int64_t begin(std::int64_t piece) const { return offsets_.data()[piece]; }

  pybind11::buffer_info info_;
  Offsets offsets_;
};

}  // namespace corpuskit::flat
