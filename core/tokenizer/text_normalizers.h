// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/normalizer.h"

#include <string>
#include <string_view>

namespace eigenquant {

// Normalizers that look at one character at a time, as Hugging Face tokenizers have them.

/// Small letters, character by character: no final sigma.
class LowercaseNormalizer : public Normalizer {
public:
    std::string normalize(std::string_view text) const override;
};

/// Takes white space from the ends.
class StripNormalizer : public Normalizer {
public:
    StripNormalizer(bool atBegin, bool atEnd) : m_atBegin(atBegin), m_atEnd(atEnd) {}
    std::string normalize(std::string_view text) const override;

private:
    bool m_atBegin, m_atEnd;
};

/// Removes all marks; wants decomposed text.
class StripAccentsNormalizer : public Normalizer {
public:
    std::string normalize(std::string_view text) const override;
};

/// What the trainers of translation models call "nmt": controls away, other separators to spaces.
class NmtNormalizer : public Normalizer {
public:
    std::string normalize(std::string_view text) const override;
};

/// BERT's.
class BertNormalizer : public Normalizer {
public:
    struct Options {
        bool cleansText = true, spacesChinese = true, stripsAccents = true, lowercases = true;
    };
    explicit BertNormalizer(Options options) : m_options(options) {}
    std::string normalize(std::string_view text) const override;

private:
    Options m_options;
};

/// Bytes to the letters of the byte alphabet.
class ByteLevelNormalizer : public Normalizer {
public:
    std::string normalize(std::string_view text) const override;
};

} // namespace eigenquant
