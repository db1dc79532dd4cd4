// Words of a batch as Python strings.
#pragma once

#include <pybind11/pybind11.h>

#include "flat.h"

namespace corpuskit::jieba {

// The words of each line as a list: word w is data[begin[w], begin[w + 1]), line i has the words
// line_begin[i] up to line_begin[i + 1].
pybind11::list word_strings(const pybind11::buffer& data, const flat::Offsets& begin,
                            const flat::Offsets& line_begin);

}  // namespace corpuskit::jieba
