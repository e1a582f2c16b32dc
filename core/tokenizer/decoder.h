// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/regex.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace eigenquant {

/// The last step of a tokenizer: the texts of the tokens back to one text.
class Decoder {
public:
    using Tokens = std::vector<std::string>;

    /// Tokens to tokens; the last step's are joined.
    class Step {
    public:
        virtual ~Step() = default;
        virtual Tokens apply(Tokens tokens) const = 0;
    };

    /// Without steps the tokens are joined with spaces, as Hugging Face tokenizers do where there is no
    /// decoder.
    explicit Decoder(std::vector<std::shared_ptr<const Step>> steps) : m_steps(std::move(steps)) {}

    std::string decode(Tokens tokens) const;

private:
    std::vector<std::shared_ptr<const Step>> m_steps;
};

/// Letters of the byte alphabet to bytes, joined, to valid UTF-8.
class ByteLevelStep : public Decoder::Step {
public:
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;
};

/// Joins all tokens to one.
class FuseStep : public Decoder::Step {
public:
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;
};

/// Tokens like <0xE2> to the bytes that they name; a run of them that is no UTF-8 to as many U+FFFD.
class ByteFallbackStep : public Decoder::Step {
public:
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;
};

/// Puts a text in the place of every match in every token.
class ReplaceStep : public Decoder::Step {
public:
    ReplaceStep(Regex pattern, std::string content) : m_pattern(std::move(pattern)), m_content(std::move(content)) {}
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;

private:
    Regex m_pattern;
    std::string m_content;
};

/// Takes up to so many of a character from the beginning and the end of every token.
class StripStep : public Decoder::Step {
public:
    StripStep(std::string character, std::size_t atBegin, std::size_t atEnd)
        : m_character(std::move(character)), m_atBegin(atBegin), m_atEnd(atEnd)
    {
    }
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;

private:
    std::string m_character;
    std::size_t m_atBegin, m_atEnd;
};

/// The sign for a space back to a space; those of the first token vanish where the pre-tokenizer may have put them.
class MetaspaceStep : public Decoder::Step {
public:
    MetaspaceStep(std::string sign, bool wasPrepended) : m_sign(std::move(sign)), m_wasPrepended(wasPrepended) {}
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;

private:
    std::string m_sign;
    bool m_wasPrepended;
};

/// Spaces between words, none before a token that continues one; `isCleaned` tidies the spaces before punctuation.
class WordPieceStep : public Decoder::Step {
public:
    WordPieceStep(std::string prefix, bool isCleaned) : m_prefix(std::move(prefix)), m_isCleaned(isCleaned) {}
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;

private:
    std::string m_prefix;
    bool m_isCleaned;
};

/// The sign for the end of a word to a space, but for the last word's.
class WordEndStep : public Decoder::Step {
public:
    explicit WordEndStep(std::string suffix) : m_suffix(std::move(suffix)) {}
    Decoder::Tokens apply(Decoder::Tokens tokens) const override;

private:
    std::string m_suffix;
};

} // namespace eigenquant
