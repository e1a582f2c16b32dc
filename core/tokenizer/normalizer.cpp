// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/normalizer.h"

#include "core/base/error.h"
#include "core/tokenizer/character_set.h"
#include "core/tokenizer/unicode_tables.h"
#include "core/tokenizer/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace eigenquant {

namespace {

bool isInert(char32_t c)
{
    const auto* const found =
        std::upper_bound(std::begin(kInertInNormalization), std::end(kInertInNormalization), c,
                         [](char32_t value, const CodePointRange& range) { return value < range.first; });
    return found != std::begin(kInertInNormalization) && c <= std::prev(found)->last;
}

int combiningClass(utf8proc_int32_t c)
{
    return utf8proc_get_property(c)->combining_class;
}

void appendDecomposed(std::vector<utf8proc_int32_t>& out, char32_t c, bool isCompatible)
{
    // The longest decomposition, of U+FDFA, has 18 characters.
    utf8proc_int32_t parts[32];
    int boundClass = 0;
    const int options = UTF8PROC_DECOMPOSE | (isCompatible ? UTF8PROC_COMPAT : 0);
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, std::size(parts),
                                               static_cast<utf8proc_option_t>(options), &boundClass);
    if (count < 0 || count > static_cast<utf8proc_ssize_t>(std::size(parts)))
        throw Error::internal(std::string("utf8proc cannot decompose a character: ") + utf8proc_errmsg(count));
    out.insert(out.end(), parts, parts + count);
}

/// The canonical ordering. Sorting each run keeps this below quadratic time on any text, which the
/// exchange of neighbours inside utf8proc_decompose() does not.
void orderMarks(std::vector<utf8proc_int32_t>& text)
{
    for (auto begin = text.begin(); begin != text.end();) {
        if (combiningClass(*begin) == 0) {
            ++begin;
            continue;
        }
        const auto end = std::find_if(begin, text.end(), [](auto c) { return combiningClass(c) == 0; });
        std::stable_sort(begin, end, [](auto a, auto b) { return combiningClass(a) < combiningClass(b); });
        begin = end;
    }
}

/// Normalizes what stands between two inert characters and appends it to `out`.
void finishSpan(std::vector<utf8proc_int32_t>& span, bool isComposed, std::string& out)
{
    orderMarks(span);
    std::size_t size = span.size();
    if (isComposed && size != 0) {
        const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
        size = static_cast<std::size_t>(
            utf8proc_normalize_utf32(span.data(), static_cast<utf8proc_ssize_t>(size), options));
    }
    for (std::size_t i = 0; i < size; ++i)
        appendUtf8(out, static_cast<char32_t>(span[i]));
    span.clear();
}

bool composes(UnicodeForm form)
{
    return form == UnicodeForm::Nfc || form == UnicodeForm::Nfkc;
}

bool isCompatible(UnicodeForm form)
{
    return form == UnicodeForm::Nfkc || form == UnicodeForm::Nfkd;
}

/// The characters that a form leaves as they are, and that neither compose with what stands before them nor change
/// places with it. Few others are ever met behind the second plane: those may go the long way.
CharacterSet findSteady(UnicodeForm form)
{
    constexpr char32_t kEnd = 0x30000;
    CharacterSet steady({});
    std::vector<char32_t> joining;
    std::vector<utf8proc_int32_t> parts;
    std::string before, after;
    for (char32_t c = 0; c < kEnd; ++c) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        parts.clear();
        appendDecomposed(parts, c, false);
        if (parts.size() > 1)
            joining.push_back(static_cast<char32_t>(parts.back()));
        parts.clear();
        appendDecomposed(parts, c, isCompatible(form));
        const bool isMark = combiningClass(parts.front()) != 0;
        before.clear();
        after.clear();
        appendUtf8(before, c);
        finishSpan(parts, composes(form), after);
        if (before == after && !isMark && !isInert(c))
            steady.add({c, c});
    }
    for (const char32_t c : joining)
        steady.remove(c);
    return steady;
}

const CharacterSet& steadyCharacters(UnicodeForm form)
{
    switch (form) {
    case UnicodeForm::Nfc: {
        static const CharacterSet kSet = findSteady(UnicodeForm::Nfc);
        return kSet;
    }
    case UnicodeForm::Nfd: {
        static const CharacterSet kSet = findSteady(UnicodeForm::Nfd);
        return kSet;
    }
    case UnicodeForm::Nfkc: {
        static const CharacterSet kSet = findSteady(UnicodeForm::Nfkc);
        return kSet;
    }
    case UnicodeForm::Nfkd: break;
    }
    static const CharacterSet kSet = findSteady(UnicodeForm::Nfkd);
    return kSet;
}

/// Where the text ceases to be as normalized as it is. The last steady character before another may compose with it.
std::size_t endOfSteady(std::string_view text, std::size_t from, const CharacterSet& steady)
{
    std::size_t last = from;
    for (std::size_t offset = from; offset < text.size();) {
        const std::size_t at = offset;
        if (!steady.has(nextCodePoint(text, offset)))
            return last;
        last = at;
    }
    return text.size();
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

} // namespace

std::string UnicodeNormalizer::normalize(std::string_view text) const
{
    if (isAscii(text))
        return std::string(text);
    const CharacterSet& steady = steadyCharacters(m_form);
    constexpr std::size_t kEnough = 4096;
    std::string out;
    out.reserve(text.size());
    std::vector<utf8proc_int32_t> span;
    for (std::size_t offset = 0; offset < text.size();) {
        if (const std::size_t end = endOfSteady(text, offset, steady); end > offset) {
            finishSpan(span, composes(m_form), out);
            out.append(text.substr(offset, end - offset));
            offset = end;
            continue;
        }
        const char32_t c = nextCodePoint(text, offset);
        if (isInert(c)) {
            finishSpan(span, composes(m_form), out);
            appendUtf8(out, c);
            continue;
        }
        // No character composes with a line break before or after it, so a long text needs no long buffer.
        if (c == '\n' && span.size() > kEnough)
            finishSpan(span, composes(m_form), out);
        appendDecomposed(span, c, isCompatible(m_form));
    }
    finishSpan(span, composes(m_form), out);
    return out;
}

std::string PrependNormalizer::normalize(std::string_view text) const
{
    return text.empty() ? std::string() : m_prefix + std::string(text);
}

std::string ReplaceNormalizer::normalize(std::string_view text) const
{
    return m_pattern.replaceAll(text, m_content);
}

std::string NormalizerSequence::normalize(std::string_view text) const
{
    std::string out(text);
    for (const auto& step : m_steps)
        out = step->normalize(out);
    return out;
}

} // namespace eigenquant
