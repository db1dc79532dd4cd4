// Counter-based random numbers: draw k of a stream is a function of (key, k) alone, so any
// sample can be made anywhere, in any order. The mixing function is splitmix64's
// (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
#pragma once

#include <cstdint>
#include <initializer_list>

namespace corpuskit {

// One number per use, so that equal seeds never share a stream between two purposes.
enum class Purpose : uint64_t { kTargets = 1, kOrder = 2, kMasking = 3 };

inline constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;

inline uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

class CounterRng {
 public:
  CounterRng(Purpose purpose, std::initializer_list<uint64_t> coordinates)
      : state_(static_cast<uint64_t>(purpose)) {
    for (uint64_t coordinate : coordinates) state_ = mix64((state_ + kGolden) ^ mix64(coordinate));
  }

  uint64_t next() { return mix64(state_ += kGolden); }

  // Uniform in [0, n), n > 0.
  uint64_t below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }

  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

// A permutation of [0, n) of which any single value is known at once: a balanced Feistel
// network over the next power of four, walked until it lands inside (Black and Rogaway:
// "Ciphers with arbitrary finite domains", CT-RSA 2002).
class Permutation {
 public:
  Permutation(uint64_t n, CounterRng rng) : size_(n) {
    while (half_ < 32 && (uint64_t{1} << (2 * half_)) < n) ++half_;
    for (uint64_t& key : keys_) key = rng.next();
  }

  uint64_t operator()(uint64_t i) const {
    do i = encrypt(i);
    while (i >= size_);
    return i;
  }

 private:
  static constexpr int kRounds = 8;

  uint64_t encrypt(uint64_t x) const {
    const uint64_t mask = (uint64_t{1} << half_) - 1;
    uint64_t left = x >> half_, right = x & mask;
    for (uint64_t key : keys_) {
      const uint64_t mixed = left ^ (mix64(right ^ key) & mask);
      left = right;
      right = mixed;
    }
    return (left << half_) | right;
  }

  uint64_t size_;
  int half_ = 1;
  uint64_t keys_[kRounds];
};

}  // namespace corpuskit
