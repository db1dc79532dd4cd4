// Every kernel file defines one bind_* function; module.cpp calls them all.
// Kernels take and give flat buffers, release the GIL and know nothing of files.
#pragma once

#include <pybind11/pybind11.h>

namespace corpuskit {

void bind_characters(pybind11::module_& m);
void bind_json_array(pybind11::module_& m);
void bind_sample_maps(pybind11::module_& m);
void bind_masking(pybind11::module_& m);
void bind_lac(pybind11::module_& m);
void bind_jieba(pybind11::module_& m);
void bind_sentences(pybind11::module_& m);
void bind_words(pybind11::module_& m);

}  // namespace corpuskit
