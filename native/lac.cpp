// Baidu LAC as a native engine: lines of UTF-8 in, word positions and labels out.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "lac_lexicon.h"
#include "lac_tagger.h"
#include "lac_text.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

using namespace lac;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

// Words of all lines: word w is bytes [begin[w], begin[w+1]), line i has words
// [line_begin[i], line_begin[i+1]).
struct Words {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> line_begin;
  std::vector<std::int32_t> labels;
};

class Segmenter {
 public:
  Segmenter(const Kernel& kernel, const Weights& weights, bool tabulate, Lexicon lexicon,
            std::vector<std::uint8_t> tag_begins, std::vector<std::int32_t> tag_labels)
      : tagger_(kernel, weights, tabulate),
        lexicon_(std::move(lexicon)),
        tag_begins_(std::move(tag_begins)),
        tag_labels_(std::move(tag_labels)) {}

  Lexicon& lexicon() { return lexicon_; }
  UserDictionary& user_dictionary() { return user_dictionary_; }
  const char* kernel_name() const { return tagger_.kernel().name; }

  Words cut(const char* data, const std::int64_t* offsets, std::int64_t lines) const {
    const Text text = decode_lines(data, offsets, lines);
    Units units;
    std::vector<std::int64_t> unit_begin = {0};
    for (std::int64_t i = 0; i < lines; ++i) {
      lexicon_.append_units(text.characters.data() + text.line_begin[i],
                            text.line_begin[i + 1] - text.line_begin[i], units);
      unit_begin.push_back(static_cast<std::int64_t>(units.ids.size()));
    }
    std::vector<std::uint8_t> tags(units.ids.size());
    tagger_.tag(units.ids.data(), unit_begin.data(), lines, tags.data());
    return words(text, units, tags, offsets[lines]);
  }

 private:
  // From a tag per unit to a word beginning and a label per character; only the first character
  // of a unit can begin a word.
  void spread(const Units& units, const std::vector<std::uint8_t>& tags,
              std::vector<std::uint8_t>& begins, std::vector<std::int32_t>& labels) const {
    for (std::size_t unit = 0; unit < tags.size(); ++unit) {
      const std::int32_t length = units.lengths[unit];
      begins.push_back(tag_begins_[tags[unit]]);
      begins.insert(begins.end(), static_cast<std::size_t>(length - 1), 0);
      labels.insert(labels.end(), static_cast<std::size_t>(length), tag_labels_[tags[unit]]);
    }
  }

  Words words(const Text& text, const Units& units, const std::vector<std::uint8_t>& tags,
              std::int64_t end) const {
    std::vector<std::uint8_t> begins;
    std::vector<std::int32_t> labels;
    begins.reserve(text.characters.size());
    labels.reserve(text.characters.size());
    spread(units, tags, begins, labels);
    Words result;
    for (std::size_t line = 0; line + 1 < text.line_begin.size(); ++line) {
      const std::int64_t from = text.line_begin[line];
      const std::int64_t until = text.line_begin[line + 1];
      if (!user_dictionary_.empty())
        user_dictionary_.apply(text.characters.data() + from, until - from, &begins[from],
                               &labels[from]);
      result.line_begin.push_back(static_cast<std::int64_t>(result.begin.size()));
      for (std::int64_t i = from; i < until; ++i) {
        if (i == from || begins[i]) result.begin.push_back(text.byte_begin[i]);
        if (i + 1 == until || begins[i + 1]) result.labels.push_back(labels[i]);
      }
    }
    result.line_begin.push_back(static_cast<std::int64_t>(result.begin.size()));
    result.begin.push_back(end);
    return result;
  }

  Tagger tagger_;
  Lexicon lexicon_;
  UserDictionary user_dictionary_;
  std::vector<std::uint8_t> tag_begins_;
  std::vector<std::int32_t> tag_labels_;
};

// A NumPy array that owns a vector, without a copy.
template <typename T>
py::array_t<T> to_array(std::vector<T> values) {
  auto owner = std::make_unique<std::vector<T>>(std::move(values));
  const T* data = owner->data();
  const auto size = static_cast<py::ssize_t>(owner->size());
  py::capsule free(owner.release(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(size, data, free);
}

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

const Kernel& find_kernel(const std::string& name) {
  for (const Kernel* kernel : supported_kernels())
    if (name == kernel->name) return *kernel;
  throw std::invalid_argument("this machine has no LAC kernel named " + name);
}

const float* tensor(const py::dict& tensors, const std::string& name, py::ssize_t rows,
                    py::ssize_t columns) {
  const auto array = tensors[py::str(name)].cast<Array<float>>();
  require(array.ptr() == tensors[py::str(name)].ptr(),
          (name + " is not a contiguous float32 array").c_str());
  require(array.size() == rows * columns, (name + " has a wrong shape").c_str());
  return array.data();
}

// Pointers into the arrays of `tensors`.
Weights read_weights(const py::dict& tensors) {
  Weights weights{};
  const auto embedding = tensors["embedding"].cast<Array<float>>();
  const auto output_bias = tensors["output.bias"].cast<Array<float>>();
  require(embedding.ndim() == 2, "embedding is not a matrix");
  weights.tokens = embedding.shape(0);
  weights.embedding_width = static_cast<int>(embedding.shape(1));
  weights.labels = static_cast<int>(output_bias.size());
  weights.hidden = static_cast<int>(
      tensors["gru.0.forward.bias"].cast<Array<float>>().size() / 3);
  const int hidden = weights.hidden;
  const int labels = weights.labels;
  require(hidden % 32 == 0 && weights.embedding_width % 16 == 0 && labels <= 256 &&
              4 * hidden <= kMaxRowWidth && weights.embedding_width + 2 * hidden <= kMaxRowWidth,
          "the network's shape is not supported");
  weights.embedding = tensor(tensors, "embedding", weights.tokens, weights.embedding_width);
  for (int layer = 0; layer < 2; ++layer) {
    for (int direction = 0; direction < 2; ++direction) {
      const std::string name =
          "gru." + std::to_string(layer) + (direction == 0 ? ".forward." : ".backward.");
      const int input = layer == 0 ? weights.embedding_width : 2 * hidden;
      CellWeights& cell = weights.cells[layer][direction];
      cell.input = tensor(tensors, name + "input", input, 3 * hidden);
      cell.bias = tensor(tensors, name + "bias", 3, hidden);
      cell.gates = tensor(tensors, name + "gates", hidden, 2 * hidden);
      cell.candidate = tensor(tensors, name + "candidate", hidden, hidden);
    }
  }
  weights.output = tensor(tensors, "output.weight", 2 * hidden, labels);
  weights.output_bias = tensor(tensors, "output.bias", 1, labels);
  weights.crf = tensor(tensors, "crf", labels + 2, labels);
  return weights;
}

void check_ids(const Array<std::int32_t>& ids, std::int64_t tokens) {
  for (py::ssize_t i = 0; i < ids.size(); ++i)
    require(ids.at(i) >= 0 && ids.at(i) < tokens, "an id lies outside the embedding");
}

WordList word_list(const Array<std::uint32_t>& characters, const Array<std::int64_t>& begin) {
  require(begin.size() >= 1 && begin.at(0) == 0 && begin.at(begin.size() - 1) == characters.size(),
          "word offsets do not cover the characters");
  for (py::ssize_t i = 1; i < begin.size(); ++i)
    require(begin.at(i) > begin.at(i - 1), "word offsets do not increase");
  return {characters.data(), begin.data(), begin.size() - 1};
}

std::unique_ptr<Segmenter> make_segmenter(const std::string& kernel, const py::dict& tensors,
                                          bool tabulate, const Array<std::uint32_t>& characters,
                                          const Array<std::int32_t>& ids, std::int32_t unknown,
                                          std::vector<std::uint8_t> tag_begins,
                                          std::vector<std::int32_t> tag_labels) {
  const Weights weights = read_weights(tensors);
  require(characters.size() == ids.size(), "characters and ids differ in number");
  require(unknown >= 0 && unknown < weights.tokens, "the unknown id lies outside the embedding");
  require(static_cast<int>(tag_begins.size()) == weights.labels &&
              static_cast<int>(tag_labels.size()) == weights.labels,
          "tags and network outputs differ in number");
  check_ids(ids, weights.tokens);
  Lexicon lexicon(characters.data(), ids.data(), ids.size(), unknown);
  const Kernel& found = find_kernel(kernel);
  py::gil_scoped_release release;
  return std::make_unique<Segmenter>(found, weights, tabulate, std::move(lexicon),
                                     std::move(tag_begins), std::move(tag_labels));
}

void add_phrase(Segmenter& segmenter, const Array<std::uint32_t>& characters,
                std::vector<std::int64_t> ends, std::vector<std::int32_t> labels) {
  require(!ends.empty() && ends.size() == labels.size() && ends.back() == characters.size(),
          "the words of a phrase do not cover it");
  segmenter.user_dictionary().add(characters.data(), static_cast<std::size_t>(characters.size()),
                                  {std::move(ends), std::move(labels)});
}

py::tuple cut(const Segmenter& segmenter, const py::buffer& data,
              const Array<std::int64_t>& offsets) {
  const py::buffer_info bytes = data.request();
  const std::int64_t lines = offsets.size() - 1;
  require(lines >= 0 && bytes.itemsize == 1 && bytes.ndim == 1 && offsets.at(0) >= 0 &&
              offsets.at(lines) <= bytes.size,
          "offsets lie outside the data");
  for (std::int64_t i = 0; i < lines; ++i)
    require(offsets.at(i) <= offsets.at(i + 1), "offsets decrease");
  Words words;
  {
    py::gil_scoped_release release;
    words = segmenter.cut(static_cast<const char*>(bytes.ptr), offsets.data(), lines);
  }
  return py::make_tuple(to_array(std::move(words.begin)), to_array(std::move(words.line_begin)),
                        to_array(std::move(words.labels)));
}

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const Kernel* kernel : supported_kernels()) names.emplace_back(kernel->name);
  return names;
}

}  // namespace

void bind_lac(py::module_& m) {
  m.def("lac_kernels", kernel_names, "Names of the LAC kernels this machine can run, best first.");
  py::class_<Segmenter>(m, "LacSegmenter")
      .def(py::init(&make_segmenter), py::arg("kernel"), py::arg("tensors"), py::arg("tabulate"),
           py::arg("characters"), py::arg("ids"), py::arg("unknown"), py::arg("tag_begins"),
           py::arg("tag_labels"),
           // Without a table the embedding is read in place.
           py::keep_alive<1, 3>())
      .def_property_readonly("kernel", &Segmenter::kernel_name)
      .def(
          "set_words",
          [](Segmenter& self, const Array<std::uint32_t>& vocabulary,
             const Array<std::int64_t>& vocabulary_begin, const Array<std::int32_t>& ids,
             const Array<std::uint32_t>& cutting, const Array<std::int64_t>& cutting_begin,
             double log_total) {
            require(ids.size() + 1 == vocabulary_begin.size(), "words and ids differ in number");
            self.lexicon().set_words(word_list(vocabulary, vocabulary_begin), ids.data(),
                                     word_list(cutting, cutting_begin), log_total);
          },
          py::arg("vocabulary"), py::arg("vocabulary_begin"), py::arg("ids"), py::arg("cutting"),
          py::arg("cutting_begin"), py::arg("log_total"))
      .def("add_phrase", &add_phrase, py::arg("characters"), py::arg("ends"), py::arg("labels"))
      .def("cut", &cut, py::arg("data"), py::arg("offsets"),
           "Line i is data[offsets[i]:offsets[i+1]], UTF-8. Returns (word begins and the end, "
           "int64[words+1]; first word of each line and the end, int64[lines+1]; label of each "
           "word, int32[words]).");
}

}  // namespace corpuskit
