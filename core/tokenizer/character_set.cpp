// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/character_set.h"

#include "core/tokenizer/character_tables.h"
#include "core/tokenizer/utf8.h"

namespace eigenquant {

CharacterSet::CharacterSet(std::span<const CodePointRange> ranges)
{
    for (const CodePointRange& range : ranges)
        add(range);
}

void CharacterSet::add(CodePointRange range)
{
    if (range.last / 64 >= m_bits.size())
        m_bits.resize(range.last / 64 + 1);
    for (std::uint32_t c = range.first; c <= range.last; ++c)
        m_bits[c / 64] |= std::uint64_t{1} << c % 64;
}

void CharacterSet::remove(char32_t c)
{
    if (c / 64 < m_bits.size())
        m_bits[c / 64] &= ~(std::uint64_t{1} << c % 64);
}

const CharacterSet& wordCharacters()
{
    static const CharacterSet kSet(kWordCharacters);
    return kSet;
}

const CharacterSet& punctuation()
{
    static const CharacterSet kSet(kPunctuation);
    return kSet;
}

const CharacterSet& whiteSpace()
{
    static const CharacterSet kSet = [] {
        CharacterSet set({});
        for (std::uint32_t c = 0; c <= 0x3000; ++c)
            if (isSpace(c))
                set.add({c, c});
        return set;
    }();
    return kSet;
}

} // namespace eigenquant
