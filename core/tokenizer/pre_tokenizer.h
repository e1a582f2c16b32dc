// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/piece_sink.h"
#include "core/tokenizer/regex.h"

#include <memory>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The second step of a tokenizer: text to words, which the model then looks at one by one.
class PreTokenizer {
public:
    virtual ~PreTokenizer() = default;
    /// Hands the pieces of `text` (valid UTF-8, not empty) to the sink, in order; none is empty. A piece
    /// lives only as long as the call that it is handed over in.
    virtual void split(std::string_view text, const PieceSink& sink) const = 0;
};

/// What becomes of a match (the delimiter), in the words of Hugging Face tokenizers.
enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// Splits at the matches of a pattern, or, inverted, at what lies between them.
class PatternSplit : public PreTokenizer {
public:
    PatternSplit(Regex pattern, SplitBehavior behavior, bool invert)
        : m_pattern(std::move(pattern)), m_behavior(behavior), m_invert(invert)
    {
    }
    void split(std::string_view text, const PieceSink& sink) const override;

private:
    Regex m_pattern;
    SplitBehavior m_behavior;
    bool m_invert;
};

/// Puts a space in front of text that does not begin with one.
class PrefixSpace : public PreTokenizer {
public:
    void split(std::string_view text, const PieceSink& sink) const override;
};

/// One after the other, each on the pieces of the one before.
class PreTokenizerSequence : public PreTokenizer {
public:
    explicit PreTokenizerSequence(std::vector<std::shared_ptr<const PreTokenizer>> steps) : m_steps(std::move(steps)) {}
    void split(std::string_view text, const PieceSink& sink) const override;

private:
    void splitFrom(std::size_t step, std::string_view text, const PieceSink& sink) const;

    std::vector<std::shared_ptr<const PreTokenizer>> m_steps;
};

/// GPT-2's pattern, which the ByteLevel pre-tokenizer splits with.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::shared_ptr<const PreTokenizer> isolate(std::string_view pattern);
/// Decimal digits and other numbers (general category N), each alone or together.
std::shared_ptr<const PreTokenizer> digits(bool isIndividual);

} // namespace eigenquant
