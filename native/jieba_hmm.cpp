#include "jieba_hmm.h"

namespace corpuskit::jieba {
namespace {

// Which of its two possible predecessors each tag had: bit `tag` is set for the later letter.
constexpr std::uint8_t bit(Tag tag) { return static_cast<std::uint8_t>(1U << tag); }

struct Best {
  double score;
  std::uint8_t later;
};

Best best(double earlier, double later, std::uint8_t bit) {
  return later >= earlier ? Best{later, bit} : Best{earlier, 0};
}

std::uint8_t predecessor(std::uint8_t tag, std::uint8_t choices) {
  const bool later = (choices >> tag) & 1;
  if (tag == kBegin || tag == kSingle) return later ? kSingle : kEnd;
  return later ? kMiddle : kBegin;
}

}  // namespace

const std::uint8_t* Hmm::tag(const Code* codes, std::int64_t count) {
  if (static_cast<std::int64_t>(tags_.size()) < count)
    tags_.resize(static_cast<std::size_t>(2 * count));
  const Moves moves = image_.header->moves;
  const double* start = image_.header->start;
  const double* emission = image_.emission + kTags * codes[0];
  double begin = start[kBegin] + emission[kBegin];
  double end = start[kEnd] + emission[kEnd];
  double middle = start[kMiddle] + emission[kMiddle];
  double single = start[kSingle] + emission[kSingle];

  for (std::int64_t i = 1; i < count; ++i) {
    emission = image_.emission + kTags * codes[i];
    const Best b = best(end + moves.end_begin + emission[kBegin],
                        single + moves.single_begin + emission[kBegin], bit(kBegin));
    const Best m = best(begin + moves.begin_middle + emission[kMiddle],
                        middle + moves.middle_middle + emission[kMiddle], bit(kMiddle));
    const Best e = best(begin + moves.begin_end + emission[kEnd],
                        middle + moves.middle_end + emission[kEnd], bit(kEnd));
    const Best s = best(end + moves.end_single + emission[kSingle],
                        single + moves.single_single + emission[kSingle], bit(kSingle));
    tags_[i] = b.later | m.later | e.later | s.later;
    begin = b.score, middle = m.score, end = e.score, single = s.score;
  }

  std::uint8_t tag = single >= end ? kSingle : kEnd;
  for (std::int64_t i = count - 1; i > 0; --i) {
    const std::uint8_t choices = tags_[i];
    tags_[i] = tag;
    tag = predecessor(tag, choices);
  }
  tags_[0] = tag;
  return tags_.data();
}

}  // namespace corpuskit::jieba
