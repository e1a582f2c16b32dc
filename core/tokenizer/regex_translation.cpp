// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tokenizer/regex.h"
#include "core/tokenizer/unicode_tables.h"
#include "core/tokenizer/utf8.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <optional>
#include <span>
#include <vector>

namespace eigenquant {

namespace {

// PCRE2's \s takes U+180E as well, so the White_Space property is spelt out.
constexpr std::string_view kSpaceItems =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr std::string_view kNotSpaceItems =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff})";

struct Addition {
    std::string_view category;
    std::span<const CodePointRange> ranges;
};
constexpr Addition kAdditions[] = {
    {"Cf", kAddedCf}, {"Ll", kAddedLl}, {"Lm", kAddedLm}, {"Lo", kAddedLo}, {"Lu", kAddedLu}, {"M", kAddedM},
    {"Nd", kAddedNd}, {"No", kAddedNo}, {"Pd", kAddedPd}, {"Po", kAddedPo}, {"Sm", kAddedSm}, {"So", kAddedSo}};

// C, Cn and the parts of M are left out: between Unicode versions they do not only grow.
constexpr std::array<std::string_view, 29> kCategories = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Ps",
    "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk", "So", "Z",  "Zs", "Zl", "Zp", "Cc"};

std::string hexEscape(char32_t codePoint)
{
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "\\x{%x}", static_cast<unsigned>(codePoint));
    return buffer;
}

/// What goes between [ and ] for a general category, or nothing if it is not one of the list.
std::optional<std::string> categoryItems(std::string_view name)
{
    bool known = false;
    for (const auto category : kCategories)
        known = known || category == name;
    if (!known)
        return std::nullopt;
    std::string items = "\\p{" + std::string(name) + "}";
    for (const auto& addition : kAdditions) {
        if (!addition.category.starts_with(name))
            continue;
        for (const auto& range : addition.ranges)
            items += hexEscape(range.first) + "-" + hexEscape(range.last);
    }
    return items;
}

class Translator {
public:
    explicit Translator(std::string_view pattern) : m_in(pattern) {}

    std::string run()
    {
        while (m_at < m_in.size())
            element();
        if (!m_caselessOutside.empty())
            throw Error::invalid("the regular expression has an open group").found(std::string(m_in));
        return std::move(m_out);
    }

private:
    [[noreturn]] void refuse(std::string_view construct) const
    {
        throw Error::unsupported("the regular expression uses a construct that is not known here")
            .found(std::string(construct) + " in " + std::string(m_in))
            .expected("literals, classes, general categories (\\p{L}), \\s \\S \\d \\D, groups, alternation, "
                      "look-around, quantifiers");
    }

    bool at(std::string_view text) const { return m_in.substr(m_at).starts_with(text); }
    bool take(std::string_view text)
    {
        if (!at(text))
            return false;
        m_at += text.size();
        return true;
    }
    char32_t takeCodePoint()
    {
        if (m_at >= m_in.size())
            throw Error::invalid("the regular expression ends too early").found(std::string(m_in));
        return nextCodePoint(m_in, m_at);
    }

    void element()
    {
        switch (m_in[m_at]) {
        case '\\': return escape();
        case '[': return characterClass();
        case '(': return openGroup();
        case ')': return closeGroup();
        case '{': return braces();
        case '*':
        case '+':
        case '?':
        case '|': m_out += m_in[m_at++]; return;
        case '.': ++m_at; m_out += "[^\\x{a}]"; return;
        case '^': ++m_at; m_out += "(?m:^)"; return;
        case '$': ++m_at; m_out += "(?m:$)"; return;
        default: return literal(takeCodePoint());
        }
    }

    void literal(char32_t c)
    {
        if (m_caseless)
            checkCaseless(c);
        m_lastLiteral = c;
        m_lastLiteralEnd = m_at;
        m_out += hexEscape(c);
    }

    /// Oniguruma folds some pairs of letters to one character (ss to ß); PCRE2 never does.
    void checkCaseless(char32_t c) const
    {
        if (c >= 0x80)
            refuse("(?i:) around a character outside ASCII");
        if (m_lastLiteralEnd + 1 != m_at || m_lastLiteral >= 0x80)
            return;
        const char pair[] = {static_cast<char>(std::tolower(static_cast<int>(m_lastLiteral))),
                             static_cast<char>(std::tolower(static_cast<int>(c))), 0};
        for (const std::string_view folded : {"ss", "ff", "fi", "fl", "st"})
            if (folded == pair)
                refuse("(?i:) around " + std::string(folded));
    }

    void addClass(std::string_view items, bool negated)
    {
        if (m_caseless)
            refuse("(?i:) around a class");
        m_out.append(negated ? "[^" : "[").append(items).append("]");
    }

    void escape()
    {
        const std::size_t begin = m_at++;
        switch (const char32_t c = takeCodePoint()) {
        case 's': return addClass(kSpaceItems, false);
        case 'S': return addClass(kSpaceItems, true);
        case 'd': return addClass(*categoryItems("Nd"), false);
        case 'D': return addClass(*categoryItems("Nd"), true);
        case 'p':
        case 'P': {
            bool negated = c == 'P';
            const std::string items = property(negated);
            return addClass(items, negated);
        }
        case 'A':
        case 'z': m_out += '\\'; m_out += static_cast<char>(c); return;
        default: m_at = begin; literal(escapedLiteral());
        }
    }

    /// Behind \p or \P: {Name} or {^Name}, which turns `negated` round.
    std::string property(bool& negated)
    {
        const std::size_t close = m_in.find('}', m_at);
        if (!take("{") || close == std::string_view::npos)
            refuse("\\p without a name");
        if (take("^"))
            negated = !negated;
        const std::string_view name = m_in.substr(m_at, close - m_at);
        const auto items = categoryItems(name);
        if (!items)
            refuse("\\p{" + std::string(name) + "}");
        m_at = close + 1;
        return *items;
    }

    /// A backslash and what it stands for, as one code point.
    char32_t escapedLiteral()
    {
        const std::size_t begin = m_at++;
        const char32_t c = takeCodePoint();
        switch (c) {
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'f': return '\f';
        case 'v': return '\v';
        case 'a': return '\a';
        case 'e': return 0x1b;
        case 'u': return hexDigits(4, 4);
        case 'x': return braceHexOrTwo();
        default: break;
        }
        if (c >= 0x80 || std::isalnum(static_cast<int>(c)))
            refuse(m_in.substr(begin, m_at - begin));
        return c;
    }

    char32_t braceHexOrTwo()
    {
        if (!take("{")) {
            const char32_t value = hexDigits(1, 2);
            if (value >= 0x80)
                refuse("\\x of a single byte"); // in Oniguruma it is a byte, not a character
            return value;
        }
        const char32_t value = hexDigits(1, 8);
        if (!take("}"))
            refuse("\\x{ without }");
        return value;
    }

    char32_t hexDigits(int least, int most)
    {
        char32_t value = 0;
        int count = 0;
        for (; count < most && m_at < m_in.size() && std::isxdigit(static_cast<unsigned char>(m_in[m_at])); ++count) {
            const char c = m_in[m_at++];
            value = value * 16 + static_cast<char32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        if (count < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            refuse("a hexadecimal escape that is no character");
        return value;
    }

    void characterClass()
    {
        ++m_at;
        const bool negated = take("^");
        std::string items;
        if (at("]"))
            refuse("a class that begins with ]");
        while (!take("]"))
            items += classItem();
        addClass(items, negated);
    }

    std::string classItem()
    {
        if (at("["))
            refuse("a class inside a class");
        if (at("&&"))
            refuse("&& in a class");
        if (const auto shorthand = classShorthand())
            return *shorthand;
        const char32_t first = classLiteral();
        if (!at("-") || m_at + 1 >= m_in.size() || m_in[m_at + 1] == ']')
            return hexEscape(first);
        ++m_at;
        if (at("["))
            refuse("a class inside a class");
        const char32_t last = classLiteral();
        if (last < first)
            throw Error::invalid("the regular expression has an empty range").found(std::string(m_in));
        return hexEscape(first) + "-" + hexEscape(last);
    }

    char32_t classLiteral() { return at("\\") ? escapedLiteral() : takeCodePoint(); }

    std::optional<std::string> classShorthand()
    {
        if (take("\\s"))
            return std::string(kSpaceItems);
        if (take("\\S"))
            return std::string(kNotSpaceItems);
        if (take("\\d"))
            return categoryItems("Nd");
        if (!take("\\p"))
            return std::nullopt;
        bool negated = false;
        std::string items = property(negated);
        if (negated)
            refuse("a negated category in a class");
        return items;
    }

    void openGroup()
    {
        m_caselessOutside.push_back(m_caseless);
        if (take("(?i:")) {
            m_caseless = true;
            m_out += "(?i:";
            return;
        }
        for (const std::string_view kind : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"}) {
            if (take(kind)) {
                m_out += kind;
                return;
            }
        }
        if (at("(?") || at("(*"))
            refuse(m_in.substr(m_at, 4));
        ++m_at;
        m_out += "(?:"; // nothing refers back to a group, and a group that captures is slower
    }

    void closeGroup()
    {
        if (m_caselessOutside.empty())
            throw Error::invalid("the regular expression closes a group that is not open").found(std::string(m_in));
        m_caseless = m_caselessOutside.back();
        m_caselessOutside.pop_back();
        ++m_at;
        m_out += ')';
    }

    /// {n}, {n,}, {n,m} and {,m} count; any other brace is itself.
    void braces()
    {
        const std::size_t close = m_in.find('}', m_at);
        const std::string_view inside =
            close == std::string_view::npos ? std::string_view() : m_in.substr(m_at + 1, close - m_at - 1);
        const std::size_t comma = inside.find(',');
        const std::string_view low = inside.substr(0, comma);
        const std::string_view high = comma == std::string_view::npos ? low : inside.substr(comma + 1);
        constexpr std::string_view kDigits = "0123456789";
        if ((low.empty() && high.empty()) || low.find_first_not_of(kDigits) != std::string_view::npos ||
            high.find_first_not_of(kDigits) != std::string_view::npos)
            return literal(takeCodePoint());
        m_at = close + 1;
        if (at("+") || at("?"))
            refuse("a quantifier behind {}"); // lazy and possessive forms differ between the two
        m_out += '{';
        m_out += low.empty() ? "0" : low;
        if (comma != std::string_view::npos)
            m_out.append(",").append(high);
        m_out += '}';
    }

    std::string_view m_in;
    std::size_t m_at = 0;
    std::string m_out;
    bool m_caseless = false;
    std::vector<bool> m_caselessOutside; ///< of every open group, what held before it
    char32_t m_lastLiteral = 0;
    std::size_t m_lastLiteralEnd = std::string_view::npos - 1;
};

} // namespace

std::string translatePattern(std::string_view pattern)
{
    return Translator(pattern).run();
}

} // namespace eigenquant
