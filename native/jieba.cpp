// jieba as a native engine: lines of UTF-8 in, positions of words out.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "flat.h"
#include "jieba_compile.h"
#include "jieba_cutter.h"
#include "jieba_strings.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

using namespace jieba;
using flat::Offsets;
using flat::require;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

// A word that a user adds: Unicode code points.
std::u32string code_points(const py::str& word) { return word.cast<std::u32string>(); }

class Segmenter {
 public:
  Segmenter(py::buffer image, double log_total)
      : image_(std::move(image)),
        info_(image_.request()),
        lexicon_{Image(info_.ptr, info_.size * info_.itemsize), {}, log_total} {}

  py::tuple cut(const py::buffer& data, const Offsets& offsets, bool hmm) const {
    const flat::Pieces lines(data, offsets);
    const std::int64_t* const begin = offsets.data();
    std::vector<std::int64_t> words;
    std::vector<std::int64_t> line_begin(static_cast<std::size_t>(lines.count() + 1));
    {
      const py::gil_scoped_release release;
      const std::shared_lock lock(mutex_);
      words.reserve(static_cast<std::size_t>(lines.bytes() / 4 + 1));
      Cutter cutter(lexicon_, hmm, lines.at(0) - begin[0], words);
      for (std::int64_t i = 0; i < lines.count(); ++i) {
        cutter.cut_line(begin[i], begin[i + 1]);
        line_begin[i + 1] = static_cast<std::int64_t>(words.size());
      }
      words.push_back(begin[lines.count()]);
    }
    return py::make_tuple(flat::to_array<std::int64_t>(std::move(words)),
                          flat::to_array<std::int64_t>(std::move(line_begin)));
  }

  std::int64_t frequency(const py::str& word) const {
    std::vector<Code> codes;
    for (const char32_t character : code_points(word))
      codes.push_back(lexicon_.image.code(character));
    const std::int64_t value =
        lexicon_.image.value(codes.data(), static_cast<std::int64_t>(codes.size()));
    return value < 0 ? -1 : lexicon_.image.frequency[value];
  }

  void set_word(const py::str& word, bool is_word, double log_frequency, double log_total) {
    const std::u32string characters = code_points(word);
    require(!characters.empty(), "a word has at least one character");
    const std::unique_lock lock(mutex_);
    lexicon_.user.set(characters, is_word, log_frequency);
    lexicon_.log_total = log_total;
  }

 private:
  py::buffer image_;
  py::buffer_info info_;
  Lexicon lexicon_;
  mutable std::shared_mutex mutex_;
};

py::bytes compile_dictionary(const Array<std::uint32_t>& characters, const Offsets& begin,
                             const Array<std::int32_t>& values, const Offsets& frequency,
                             const Array<double>& log_frequency,
                             const Array<std::uint32_t>& alphabet, const Array<double>& emission,
                             const Array<double>& start, const Array<double>& moves) {
  require(begin.size() == values.size() + 1 && begin.at(values.size()) == characters.size(),
          "word offsets do not cover the characters");
  require(frequency.size() == log_frequency.size(), "frequencies and logarithms differ in number");
  require(emission.size() == kTags * (alphabet.size() + 1), "emissions do not fit the alphabet");
  require(start.size() == kTags && moves.size() * sizeof(double) == sizeof(Moves),
          "the model has another number of tags");
  for (py::ssize_t i = 0; i < values.size(); ++i) {
    require(begin.at(i) < begin.at(i + 1), "a word is empty");
    require(values.at(i) >= 0 && values.at(i) < frequency.size(), "a value has no frequency");
  }
  Source source{};
  source.characters = characters.data();
  source.begin = begin.data();
  source.values = values.data();
  source.words = values.size();
  source.frequency = frequency.data();
  source.log_frequency = log_frequency.data();
  source.distinct = frequency.size();
  source.alphabet = alphabet.data();
  source.emission = emission.data();
  source.letters = alphabet.size();
  std::memcpy(source.start, start.data(), sizeof(source.start));
  std::memcpy(&source.moves, moves.data(), sizeof(source.moves));
  std::string image;
  {
    py::gil_scoped_release release;
    image = compile(source);
  }
  return py::bytes(image);
}

}  // namespace

void bind_jieba(py::module_& m) {
  m.def("jieba_compile", &compile_dictionary, py::arg("characters"), py::arg("begin"),
        py::arg("values"), py::arg("frequency"), py::arg("log_frequency"), py::arg("alphabet"),
        py::arg("emission"), py::arg("start"), py::arg("moves"),
        "The compiled dictionary, to be kept in a file and mapped.");
  m.def("word_strings", &word_strings, py::arg("data"), py::arg("begin"), py::arg("line_begin"),
        "The words of lines as lists of strings.");
  py::class_<Segmenter>(m, "JiebaSegmenter")
      .def(py::init<py::buffer, double>(), py::arg("image"), py::arg("log_total"))
      .def("cut", &Segmenter::cut, py::arg("data"), py::arg("offsets"), py::arg("hmm"),
           "Line i is data[offsets[i]:offsets[i+1]], UTF-8. Returns (word begins and the end, "
           "int64[words+1]; first word of each line and the end, int64[lines+1]).")
      .def("frequency", &Segmenter::frequency, py::arg("word"),
           "Frequency in the dictionary without the user's words; 0 for a prefix of words, -1 for "
           "anything else.")
      .def("set_word", &Segmenter::set_word, py::arg("word"), py::arg("is_word"),
           py::arg("log_frequency"), py::arg("log_total"),
           "Adds, changes or (is_word false) removes a word.");
}

}  // namespace corpuskit
