// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace eigenquant {

/// An Oniguruma pattern (what `tokenizer.json` holds) in PCRE2's words, with the Unicode 16 categories of
/// the Oniguruma inside Hugging Face tokenizers. Throws Error::unsupported naming the first construct
/// whose meaning differs between the two or is not known here.
std::string translatePattern(std::string_view pattern);

/// A compiled pattern. Immutable and safe to share between threads.
class Regex {
public:
    /// From Oniguruma syntax. Throws Error::unsupported (see translatePattern) and Error::invalid.
    static Regex fromPattern(std::string_view pattern);
    /// Matches exactly this text.
    static Regex fromLiteral(std::string_view text);

    /// Walks over the matches of valid UTF-8 from left to right, as Oniguruma's binding does it: an empty
    /// match right behind the last match is passed over.
    class Matches {
    public:
        Matches(const Regex& regex, std::string_view subject) : m_regex(regex), m_subject(subject) {}
        /// Sets begin and end (byte offsets) of the next match, or returns false.
        bool next(std::size_t& begin, std::size_t& end);

    private:
        bool nextLiteral(std::size_t& begin, std::size_t& end);

        const Regex& m_regex;
        std::string_view m_subject;
        std::size_t m_from = 0;
        std::size_t m_lastEnd = std::string_view::npos;
    };

    /// The text with every match replaced.
    std::string replaceAll(std::string_view text, std::string_view content) const;

private:
    struct Program;
    explicit Regex(const std::string& pcrePattern);
    bool search(std::string_view subject, std::size_t from, std::size_t& begin, std::size_t& end) const;

    std::shared_ptr<const Program> m_program;
    std::string m_literal; ///< not empty: this text is looked for, without a program
};

} // namespace eigenquant
