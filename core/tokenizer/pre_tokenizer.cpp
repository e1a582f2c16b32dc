// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/pre_tokenizer.h"

namespace eigenquant {

namespace {

struct Part {
    std::size_t begin, end;
    bool isMatch;
};

/// Matches and what lies between them, as Hugging Face's patterns report them: the text between is never
/// empty, a match may be.
template <typename OnPart>
void forEachPart(const Regex& pattern, std::string_view text, bool invert, OnPart&& onPart)
{
    std::size_t done = 0, begin = 0, end = 0;
    for (Regex::Matches matches(pattern, text); matches.next(begin, end); done = end) {
        if (done != begin)
            onPart(Part{done, begin, invert});
        onPart(Part{begin, end, !invert});
    }
    if (done != text.size())
        onPart(Part{done, text.size(), invert});
}

/// Joins neighbouring parts as `behavior` says. Empty matches take part, as they do in Hugging Face's.
std::vector<Part> joined(const std::vector<Part>& parts, SplitBehavior behavior)
{
    std::vector<Part> out;
    bool wasMatch = false;
    for (const Part& part : parts) {
        const bool joins = behavior == SplitBehavior::Contiguous ? part.isMatch == wasMatch
                                                                  : part.isMatch && !wasMatch;
        wasMatch = part.isMatch;
        if (joins && !out.empty())
            out.back().end = part.end;
        else
            out.push_back(part);
    }
    return out;
}

std::vector<Part> joinedWithNext(const std::vector<Part>& parts)
{
    std::vector<Part> out;
    bool wasMatch = false;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (part->isMatch && !wasMatch && !out.empty())
            out.back().begin = part->begin;
        else
            out.push_back(*part);
        wasMatch = part->isMatch;
    }
    return {out.rbegin(), out.rend()};
}

} // namespace

void PatternSplit::split(std::string_view text, const PieceSink& sink) const
{
    const auto give = [&](const Part& part) {
        if (part.begin < part.end)
            sink(text.substr(part.begin, part.end - part.begin));
    };
    switch (m_behavior) {
    case SplitBehavior::Isolated: return forEachPart(m_pattern, text, m_invert, give);
    case SplitBehavior::Removed:
        return forEachPart(m_pattern, text, m_invert, [&](const Part& part) {
            if (!part.isMatch)
                give(part);
        });
    default: break;
    }
    std::vector<Part> parts;
    forEachPart(m_pattern, text, m_invert, [&](const Part& part) { parts.push_back(part); });
    parts = m_behavior == SplitBehavior::MergedWithNext ? joinedWithNext(parts) : joined(parts, m_behavior);
    for (const Part& part : parts)
        give(part);
}

void PrefixSpace::split(std::string_view text, const PieceSink& sink) const
{
    if (text.starts_with(' '))
        sink(text);
    else
        sink(" " + std::string(text));
}

void PreTokenizerSequence::split(std::string_view text, const PieceSink& sink) const
{
    splitFrom(0, text, sink);
}

void PreTokenizerSequence::splitFrom(std::size_t step, std::string_view text, const PieceSink& sink) const
{
    if (step == m_steps.size())
        return sink(text);
    auto next = [&](std::string_view piece) { splitFrom(step + 1, piece, sink); };
    m_steps[step]->split(text, PieceSink(next));
}

std::shared_ptr<const PreTokenizer> isolate(std::string_view pattern)
{
    return std::make_shared<PatternSplit>(Regex::fromPattern(pattern), SplitBehavior::Isolated, false);
}

std::shared_ptr<const PreTokenizer> digits(bool isIndividual)
{
    // Rust's char::is_numeric is at Unicode 17, which added these thirteen.
    constexpr std::string_view kNumber = R"([\p{N}\x{11de0}-\x{11de9}\x{16ff4}-\x{16ff6}])";
    return isolate(isIndividual ? std::string(kNumber) : std::string(kNumber) + "+");
}

} // namespace eigenquant
