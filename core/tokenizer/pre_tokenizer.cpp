// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/pre_tokenizer.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/utf8.h"

#include <algorithm>

namespace eigenquant {

namespace {

struct Part {
    std::size_t begin, end;
    bool isMatch;
};

/// The matches of a pattern.
class PatternMatches {
public:
    PatternMatches(const Regex& pattern, std::string_view text) : m_matches(pattern, text) {}
    bool next(std::size_t& begin, std::size_t& end) { return m_matches.next(begin, end); }

private:
    Regex::Matches m_matches;
};

/// The characters of a set.
class CharacterMatches {
public:
    CharacterMatches(const CharacterSet& characters, std::string_view text) : m_characters(characters), m_text(text) {}
    bool next(std::size_t& begin, std::size_t& end)
    {
        while (m_at < m_text.size()) {
            begin = m_at;
            const char32_t c = nextCodePoint(m_text, m_at);
            end = m_at;
            if (m_characters.has(c))
                return true;
        }
        return false;
    }

private:
    const CharacterSet& m_characters;
    std::string_view m_text;
    std::size_t m_at = 0;
};

/// Matches and what lies between them, as Hugging Face's patterns report them: the text between is never
/// empty, a match may be.
template <typename Matches, typename OnPart>
void forEachPart(Matches matches, std::string_view text, bool invert, OnPart&& onPart)
{
    std::size_t done = 0, begin = 0, end = 0;
    for (; matches.next(begin, end); done = end) {
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

template <typename Matches>
void splitAt(Matches matches, Piece text, SplitBehavior behavior, bool invert, const PieceSink& sink)
{
    const auto give = [&](const Part& part) {
        if (part.begin < part.end)
            sink({text.text.substr(part.begin, part.end - part.begin), text.startsText && part.begin == 0});
    };
    if (behavior == SplitBehavior::Isolated)
        return forEachPart(std::move(matches), text.text, invert, give);
    if (behavior == SplitBehavior::Removed)
        return forEachPart(std::move(matches), text.text, invert, [&](const Part& part) {
            if (!part.isMatch)
                give(part);
        });
    std::vector<Part> parts;
    forEachPart(std::move(matches), text.text, invert, [&](const Part& part) { parts.push_back(part); });
    parts = behavior == SplitBehavior::MergedWithNext ? joinedWithNext(parts) : joined(parts, behavior);
    for (const Part& part : parts)
        give(part);
}

} // namespace

void PatternSplit::split(Piece text, const PieceSink& sink) const
{
    splitAt(PatternMatches(m_pattern, text.text), text, m_behavior, m_invert, sink);
}

void CharacterSplit::split(Piece text, const PieceSink& sink) const
{
    splitAt(CharacterMatches(m_characters, text.text), text, m_behavior, false, sink);
}

void WordSplit::split(Piece text, const PieceSink& sink) const
{
    enum class Kind { Space, Word, Other };
    Kind kind = Kind::Space;
    std::size_t begin = 0;
    const auto endAt = [&](std::size_t end) {
        if (kind != Kind::Space && begin < end)
            sink({text.text.substr(begin, end - begin), text.startsText && begin == 0});
        begin = end;
    };
    for (std::size_t offset = 0; offset < text.text.size();) {
        const std::size_t at = offset;
        const char32_t c = nextCodePoint(text.text, offset);
        const Kind next = wordCharacters().has(c) ? Kind::Word : isSpace(c) ? Kind::Space : Kind::Other;
        if (next != kind)
            endAt(at);
        kind = next;
    }
    endAt(text.text.size());
}

void FixedLengthSplit::split(Piece text, const PieceSink& sink) const
{
    for (std::size_t offset = 0; offset < text.text.size();) {
        const std::size_t begin = offset;
        for (std::size_t i = 0; i < m_length && offset < text.text.size(); ++i)
            nextCodePoint(text.text, offset);
        sink({text.text.substr(begin, offset - begin), text.startsText && begin == 0});
    }
}

void Metaspace::split(Piece text, const PieceSink& sink) const
{
    const bool mayPrepend = m_prepend == Prepend::Always || (m_prepend == Prepend::First && text.startsText);
    const bool begins = text.text.starts_with(' ') || text.text.starts_with(m_sign);
    std::string signs;
    signs.reserve(text.text.size() + text.text.size() / 4);
    if (mayPrepend && !begins)
        signs += m_sign;
    for (std::size_t at = 0; at < text.text.size();) {
        const std::size_t space = std::min(text.text.find(' ', at), text.text.size());
        signs.append(text.text, at, space - at);
        at = space;
        if (at < text.text.size()) {
            signs += m_sign;
            ++at;
        }
    }
    if (!m_isSplit)
        return sink({signs, text.startsText});
    for (std::size_t begin = 0; begin < signs.size();) {
        const std::size_t end =
            std::min(signs.find(m_sign, begin == 0 && !signs.starts_with(m_sign) ? 0 : begin + m_sign.size()),
                     signs.size());
        sink({std::string_view(signs).substr(begin, end - begin), text.startsText && begin == 0});
        begin = end;
    }
}

void ByteLetters::split(Piece text, const PieceSink& sink) const
{
    std::string letters;
    for (const char c : text.text)
        letters += letterOfByte(static_cast<unsigned char>(c));
    sink({letters, text.startsText});
}

void PrefixSpace::split(Piece text, const PieceSink& sink) const
{
    if (text.text.starts_with(' '))
        sink(text);
    else
        sink({" " + std::string(text.text), text.startsText});
}

void PreTokenizerSequence::split(Piece text, const PieceSink& sink) const
{
    splitFrom(0, text, sink);
}

void PreTokenizerSequence::splitFrom(std::size_t step, Piece text, const PieceSink& sink) const
{
    if (step == m_steps.size())
        return sink(text);
    auto next = [&](Piece piece) { splitFrom(step + 1, piece, sink); };
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
