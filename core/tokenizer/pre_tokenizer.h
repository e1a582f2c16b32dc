// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/character_set.h"
#include "core/tokenizer/piece_sink.h"
#include "core/tokenizer/regex.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The second step of a tokenizer: text to words, which the model then looks at one by one.
class PreTokenizer {
public:
    virtual ~PreTokenizer() = default;
    /// Hands the pieces of `text` (valid UTF-8, not empty) to the sink, in order; none is empty. A piece
    /// lives only as long as the call that it is handed over in.
    virtual void split(Piece text, const PieceSink& sink) const = 0;
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
    void split(Piece text, const PieceSink& sink) const override;

private:
    Regex m_pattern;
    SplitBehavior m_behavior;
    bool m_invert;
};

/// Splits at the characters of a set.
class CharacterSplit : public PreTokenizer {
public:
    /// `characters` must outlive this.
    CharacterSplit(const CharacterSet& characters, SplitBehavior behavior)
        : m_characters(characters), m_behavior(behavior)
    {
    }
    void split(Piece text, const PieceSink& sink) const override;

private:
    const CharacterSet& m_characters;
    SplitBehavior m_behavior;
};

/// Words, and what is neither a word nor white space: `\w+|[^\w\s]+`.
class WordSplit : public PreTokenizer {
public:
    void split(Piece text, const PieceSink& sink) const override;
};

/// Splits where a letter of another script begins. Kana count as Han, as they do in SentencePiece.
class ScriptSplit : public PreTokenizer {
public:
    void split(Piece text, const PieceSink& sink) const override;
};

/// Pieces of so many characters.
class FixedLengthSplit : public PreTokenizer {
public:
    explicit FixedLengthSplit(std::size_t length) : m_length(length) {}
    void split(Piece text, const PieceSink& sink) const override;

private:
    std::size_t m_length;
};

/// SentencePiece's way with spaces: a sign in their place, one in front, and words that begin with it.
class Metaspace : public PreTokenizer {
public:
    /// Which pieces get the sign in front, where they do not begin with it.
    enum class Prepend { Always, First, Never };

    Metaspace(std::string sign, Prepend prepend, bool isSplit)
        : m_sign(std::move(sign)), m_prepend(prepend), m_isSplit(isSplit)
    {
    }
    void split(Piece text, const PieceSink& sink) const override;

private:
    std::string m_sign;
    Prepend m_prepend;
    bool m_isSplit;
};

/// Bytes to the letters of the byte alphabet.
class ByteLetters : public PreTokenizer {
public:
    void split(Piece text, const PieceSink& sink) const override;
};

/// Puts a space in front of text that does not begin with one.
class PrefixSpace : public PreTokenizer {
public:
    void split(Piece text, const PieceSink& sink) const override;
};

/// One after the other, each on the pieces of the one before.
class PreTokenizerSequence : public PreTokenizer {
public:
    explicit PreTokenizerSequence(std::vector<std::shared_ptr<const PreTokenizer>> steps) : m_steps(std::move(steps)) {}
    void split(Piece text, const PieceSink& sink) const override;

private:
    void splitFrom(std::size_t step, Piece text, const PieceSink& sink) const;

    std::vector<std::shared_ptr<const PreTokenizer>> m_steps;
};

/// GPT-2's pattern, which the ByteLevel pre-tokenizer splits with.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::shared_ptr<const PreTokenizer> isolate(std::string_view pattern);
/// Decimal digits and other numbers (general category N), each alone or together.
std::shared_ptr<const PreTokenizer> digits(bool isIndividual);

} // namespace eigenquant
