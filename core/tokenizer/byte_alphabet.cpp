// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/byte_alphabet.h"

#include "core/tokenizer/utf8.h"

#include <array>

namespace eigenquant {

namespace {

constexpr bool isPrintable(int byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

struct Alphabet {
    std::array<std::string, 256> letters;
    std::array<int, 0x180> bytes; ///< of a code point; -1: not a letter

    Alphabet()
    {
        bytes.fill(-1);
        char32_t next = 0x100;
        for (int byte = 0; byte < 256; ++byte) {
            const char32_t letter = isPrintable(byte) ? static_cast<char32_t>(byte) : next++;
            appendUtf8(letters[static_cast<std::size_t>(byte)], letter);
            bytes[letter] = byte;
        }
    }
};

const Alphabet& alphabet()
{
    static const Alphabet kAlphabet;
    return kAlphabet;
}

} // namespace

std::string_view letterOfByte(unsigned char byte)
{
    return alphabet().letters[byte];
}

std::optional<std::string> bytesOfLetters(std::string_view token)
{
    const auto& bytes = alphabet().bytes;
    std::string out;
    for (std::size_t offset = 0; offset < token.size();) {
        const char32_t letter = nextCodePoint(token, offset);
        if (letter >= bytes.size() || bytes[letter] < 0)
            return std::nullopt;
        out += static_cast<char>(bytes[letter]);
    }
    return out;
}

} // namespace eigenquant
