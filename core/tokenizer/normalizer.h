// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/regex.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The first step of a tokenizer: text to text. Takes and gives valid UTF-8.
class Normalizer {
public:
    virtual ~Normalizer() = default;
    virtual std::string normalize(std::string_view text) const = 0;
    /// A part of a text, behind an added token.
    virtual std::string normalizeRest(std::string_view part) const { return normalize(part); }
};

/// The normalization forms of Unicode Standard Annex 15.
enum class UnicodeForm { Nfc, Nfd, Nfkc, Nfkd };

/// As the normalizers of Hugging Face tokenizers do it: characters younger than Unicode 9 are copied.
class UnicodeNormalizer : public Normalizer {
public:
    explicit UnicodeNormalizer(UnicodeForm form) : m_form(form) {}
    std::string normalize(std::string_view text) const override;

private:
    UnicodeForm m_form;
};

/// Puts a text in front of any text that is not empty.
class PrependNormalizer : public Normalizer {
public:
    explicit PrependNormalizer(std::string prefix) : m_prefix(std::move(prefix)) {}
    std::string normalize(std::string_view text) const override;

private:
    std::string m_prefix;
};

/// Puts a text in the place of every match.
class ReplaceNormalizer : public Normalizer {
public:
    ReplaceNormalizer(Regex pattern, std::string content)
        : m_pattern(std::move(pattern)), m_content(std::move(content))
    {
    }
    std::string normalize(std::string_view text) const override;

private:
    Regex m_pattern;
    std::string m_content;
};

/// One after the other.
class NormalizerSequence : public Normalizer {
public:
    explicit NormalizerSequence(std::vector<std::shared_ptr<const Normalizer>> steps) : m_steps(std::move(steps)) {}
    std::string normalize(std::string_view text) const override;

private:
    std::vector<std::shared_ptr<const Normalizer>> m_steps;
};

} // namespace eigenquant
