// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/unicode_tables.h"

#include <cstdint>
#include <span>
#include <vector>

namespace eigenquant {

/// A set of characters with one bit for each code point up to its largest.
class CharacterSet {
public:
    explicit CharacterSet(std::span<const CodePointRange> ranges);

    void add(CodePointRange range);
    void remove(char32_t c);
    bool has(char32_t c) const { return c / 64 < m_bits.size() && (m_bits[c / 64] >> c % 64 & 1) != 0; }

private:
    std::vector<std::uint64_t> m_bits;
};

/// Sets that live as long as the program, made when they are first asked for. See character_tables.h.
const CharacterSet& wordCharacters();
const CharacterSet& punctuation();
const CharacterSet& whiteSpace(); ///< the White_Space property

} // namespace eigenquant
