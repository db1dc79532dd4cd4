// Where a sentence ends: documents of UTF-8 in, sentences out.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bindings.h"
#include "flat.h"

namespace py = pybind11;

namespace corpuskit {
namespace {

struct Character {
  char32_t code;
  std::ptrdiff_t bytes;
};

// Text between two positions.
struct Span {
  const char* begin;
  const char* end;
  bool empty() const { return begin == end; }
};

bool continues(char byte) { return (byte & 0xC0) == 0x80; }

// The character at `at`; a byte that begins none counts as U+FFFD.
Character decode(const char* at, const char* end) {
  const auto byte = [at](int i) { return static_cast<unsigned char>(at[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const int bytes = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (bytes == 1 || end - at < bytes) return {0xFFFD, 1};
  char32_t code = lead & (0x7FU >> bytes);
  for (int i = 1; i < bytes; ++i) code = code << 6 | (byte(i) & 0x3FU);
  return {code, bytes};
}

Character decode_before(const char* begin, const char* at) {
  const char* lead = at - 1;
  while (lead > begin && at - lead < 4 && continues(*lead)) --lead;
  const Character character = decode(lead, at);
  return character.bytes == at - lead ? character : Character{0xFFFD, 1};
}

bool contains(std::u32string_view set, char32_t code) { return set.find(code) != set.npos; }
bool between(char32_t first, char32_t code, char32_t last) { return first <= code && code <= last; }

// White space as Python's str.isspace knows it.
bool is_space(char32_t code) {
  if (code < 0x80) return between(0x09, code, 0x0D) || between(0x1C, code, 0x20);
  return code == 0x85 || code == 0xA0 || code == 0x1680 || between(0x2000, code, 0x200A) ||
         code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

Span strip(Span text) {
  while (!text.empty()) {
    const Character first = decode(text.begin, text.end);
    if (!is_space(first.code)) break;
    text.begin += first.bytes;
  }
  while (!text.empty()) {
    const Character last = decode_before(text.begin, text.end);
    if (!is_space(last.code)) break;
    text.end -= last.bytes;
  }
  return text;
}

// Gathers sentences; those of more than `max_chars` characters are cut, unless that is 0.
class Sentences {
 public:
  Sentences(std::int64_t bytes, std::int64_t max_chars) : max_chars_(max_chars) {
    text.reserve(static_cast<std::size_t>(bytes));
  }

  // A sentence of white space only is dropped.
  void add(Span sentence) {
    if (strip(sentence).empty()) return;
    max_chars_ > 0 ? add_pieces(sentence) : append(sentence);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(offsets.size()) - 1; }

  std::string text;
  std::vector<std::int64_t> offsets{0};

 private:
  // Cut behind the last comma within the limit, or at the limit.
  void add_pieces(Span rest) {
    while (true) {
      const char* at = rest.begin;
      const char* comma = nullptr;
      for (std::int64_t i = 0; i < max_chars_ && at < rest.end; ++i) {
        const Character character = decode(at, rest.end);
        at += character.bytes;
        if (contains(U"，、,：:", character.code)) comma = at;
      }
      const char* const stop = at == rest.end || comma == nullptr ? at : comma;
      const Span piece = strip({rest.begin, stop});
      if (!piece.empty()) append(piece);
      if (at == rest.end) return;
      rest.begin = stop;
    }
  }

  void append(Span sentence) {
    text.append(sentence.begin, sentence.end);
    offsets.push_back(static_cast<std::int64_t>(text.size()));
  }

  std::int64_t max_chars_;
};

// --- the default rules -------------------------------------------------------------------

constexpr std::u32string_view kTerminators = U"。？！；｡?!;";
constexpr std::u32string_view kClosing = U"”’」』）】》〉〕｝\"')]}";
constexpr std::u32string_view kOpening = U"\"'“‘([";
constexpr char32_t kEllipsis = U'…';

constexpr std::string_view kAbbreviations[] = {
    "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Gen", "Col", "Sen", "Rep", "Gov", "Capt", "Lt", "Sgt",
    "Rev", "Hon", "Jr", "Sr", "No", "Nos", "Fig", "Figs", "Eq", "Sec", "Ch", "Vol", "vs", "etc",
    "al", "cf", "e.g", "i.e", "approx", "Inc", "Ltd", "Co", "Corp", "Jan", "Feb", "Mar", "Apr",
    "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"};
constexpr std::int64_t kLongestNumber = 6;  // characters of a list item's number

// The zeros of the decimal digits of all scripts (Unicode 14, category Nd).
constexpr char32_t kZeros[] = {
    0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,
    0xC66,   0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,
    0x1810,  0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,
    0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0,
    0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0};

bool is_decimal(char32_t code) {
  const auto* above = std::upper_bound(std::begin(kZeros), std::end(kZeros), code);
  return above != std::begin(kZeros) && code - above[-1] < 10;
}

bool is_ascii_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_ascii_letter(char c) { return is_ascii_upper(static_cast<char>(c & ~0x20)); }

bool is_closing(char32_t code) { return contains(kClosing, code); }

// What stays with the terminator before it.
bool is_tail(char32_t code) {
  return contains(kTerminators, code) || code == kEllipsis || is_closing(code);
}

bool is_east_asian(char32_t code) {
  return between(0x2E80, code, 0x9FFF) || between(0xAC00, code, 0xD7A3) ||
         between(0xF900, code, 0xFAFF) || between(0xFF00, code, 0xFFEF) ||
         between(0x20000, code, 0x3FFFF);
}

// What may follow an ASCII terminator that ends a sentence.
bool is_boundary(char32_t code) {
  return contains(U"?!;。…—“‘", code) || is_closing(code) || is_space(code) || is_east_asian(code);
}

// Past the characters of a kind.
template <typename Is>
const char* skip(const char* at, const char* end, Is is) {
  while (at < end) {
    const Character character = decode(at, end);
    if (!is(character.code)) break;
    at += character.bytes;
  }
  return at;
}

// The end of a full stop with its closing marks where a sentence may begin behind it: white
// space, then a capital letter or digit, quoted or not.
const char* full_stop_end(const char* at, Span line) {
  if (at > line.begin && is_ascii_upper(at[-1])) return nullptr;
  const char* const end = skip(at + 1, line.end, is_closing);
  const char* next = skip(end, line.end, is_space);
  if (next == end) return nullptr;
  next = skip(next, line.end, [](char32_t code) { return contains(kOpening, code); });
  const bool begins = next < line.end && (is_ascii_upper(*next) || between('0', *next, '9'));
  return begins ? end : nullptr;
}

// The end of the marks at `at` that may end a sentence, or null.
const char* marks_end(const char* at, Span line) {
  if (*at == '.') return full_stop_end(at, line);
  const Character mark = decode(at, line.end);
  const char* const next = at + mark.bytes;
  const auto followed = [=](auto is) { return next < line.end && is(decode(next, line.end).code); };
  bool ends = false;
  switch (mark.code) {
    case U'。': case U'？': case U'！': case U'；': case U'｡':
      ends = true;
      break;
    case '?': case '!': case ';':
      ends = next == line.end || followed(is_boundary);
      break;
    case kEllipsis:
      ends = followed([](char32_t code) { return code == kEllipsis; });
      break;
    default:
      break;
  }
  return ends ? skip(next, line.end, is_tail) : nullptr;
}

bool ends_with_abbreviation(Span text) {
  const std::string_view view(text.begin, static_cast<std::size_t>(text.end - text.begin));
  const auto ends = [&](std::string_view word) {
    if (view.size() < word.size() || view.substr(view.size() - word.size()) != word) return false;
    return view.size() == word.size() || !is_ascii_letter(view[view.size() - word.size() - 1]);
  };
  return std::any_of(std::begin(kAbbreviations), std::end(kAbbreviations), ends);
}

bool is_item_number(Span text) {
  if (text.end - text.begin > 4 * kLongestNumber) return false;
  if (std::count_if(text.begin, text.end, [](char c) { return !continues(c); }) > kLongestNumber)
    return false;
  const Span number = strip(text);
  return !number.empty() && skip(number.begin, number.end, is_decimal) == number.end;
}

// The bytes with which marks begin.
constexpr std::array<bool, 256> mark_leads() {
  std::array<bool, 256> leads{};
  for (const std::size_t lead : {0x2E, 0x3F, 0x21, 0x3B, 0xE2, 0xE3, 0xEF}) leads[lead] = true;
  return leads;
}
constexpr std::array<bool, 256> kMarkLeads = mark_leads();

const char* next_lead(const char* at, const char* end) {
  return std::find_if(at, end, [](char c) { return kMarkLeads[static_cast<unsigned char>(c)]; });
}

void split_line(Span line, Sentences& sentences) {
  const char* start = line.begin;
  const char* at = next_lead(line.begin, line.end);
  while (at < line.end) {
    const char* const stop = marks_end(at, line);
    if (stop != nullptr) {
      const Span before{start, at};
      if (*at != '.' || !(is_item_number(before) || ends_with_abbreviation(before))) {
        sentences.add(strip({start, stop}));
        start = stop;
      }
    }
    at = next_lead(stop == nullptr ? at + 1 : stop, line.end);
  }
  sentences.add(strip({start, line.end}));
}

void split_default(Span document, Sentences& sentences) {
  const char* at = document.begin;
  while (true) {
    const auto left = static_cast<std::size_t>(document.end - at);
    const auto* stop = static_cast<const char*>(std::memchr(at, '\n', left));
    split_line({at, stop == nullptr ? document.end : stop}, sentences);
    if (stop == nullptr) return;
    at = stop + 1;
  }
}

// --- the rules of the PaddleNLP tools ----------------------------------------------------

// A run of one mark and the spaces behind it become the mark; all marks but the space end a
// sentence, and the line feed is no part of it.
void split_paddle(Span document, Sentences& sentences) {
  std::string sentence;
  const auto end_sentence = [&] {
    sentences.add({sentence.data(), sentence.data() + sentence.size()});
    sentence.clear();
  };
  for (const char* at = document.begin; at < document.end;) {
    const Character character = decode(at, document.end);
    const std::string_view bytes(at, static_cast<std::size_t>(character.bytes));
    at += character.bytes;
    if (character.code != '\n') sentence += bytes;
    if (!contains(U"\n。?？ ;；！!", character.code)) continue;
    at = skip(at, document.end, [&](char32_t code) { return code == character.code; });
    at = skip(at, document.end, [](char32_t code) { return code == ' '; });
    if (character.code != ' ') end_sentence();
  }
  end_sentence();
}

// -----------------------------------------------------------------------------------------

py::tuple split_sentences(const py::buffer& data, const flat::Offsets& document_offsets,
                          const std::string& rules, std::int64_t max_chars) {
  flat::require(rules == "default" || rules == "paddle", "unknown sentence rules");
  flat::require(max_chars >= 0, "the longest sentence has a negative number of characters");
  const auto split = rules == "default" ? split_default : split_paddle;
  const flat::Pieces documents(data, document_offsets);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(documents.count()));
  Sentences sentences(documents.bytes(), max_chars);
  {
    const py::gil_scoped_release release;
    for (std::int64_t i = 0; i < documents.count(); ++i) {
      const std::int64_t before = sentences.count();
      split({documents.at(i), documents.at(i + 1)}, sentences);
      counts[static_cast<std::size_t>(i)] = sentences.count() - before;
    }
  }
  return py::make_tuple(flat::to_array<std::uint8_t>(std::move(sentences.text)),
                        flat::to_array<std::int64_t>(std::move(sentences.offsets)),
                        flat::to_array<std::int64_t>(std::move(counts)));
}

}  // namespace

void bind_sentences(py::module_& m) {
  m.def("split_sentences", &split_sentences, py::arg("data"), py::arg("document_offsets"),
        py::arg("rules"), py::arg("max_chars"), R"(Cut documents into sentences.

Args:
    data: UTF-8. Malformed text is cut somewhere, and nothing but white space is lost.
    document_offsets: int64[documents + 1]; document i is data[offsets[i]:offsets[i + 1]].
    rules: "default" or "paddle".
    max_chars: Longer sentences are cut at commas; 0 for no limit.

Returns:
    uint8[bytes], the sentences one after the other; int64[sentences + 1], where each begins,
    and the end; int64[documents], the number of sentences of each document.)");
}

}  // namespace corpuskit
