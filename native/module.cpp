#include "bindings.h"

PYBIND11_MODULE(_native, m) {
  m.doc() = "corpuskit's native kernels; use the Python packages around them.";
  corpuskit::bind_characters(m);
  corpuskit::bind_json_array(m);
  corpuskit::bind_sample_maps(m);
  corpuskit::bind_masking(m);
  corpuskit::bind_lac(m);
  corpuskit::bind_jieba(m);
  corpuskit::bind_sentences(m);
  corpuskit::bind_words(m);
}
