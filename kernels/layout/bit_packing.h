// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

/// The one truth of how codes of 1 to 8 bits lie in bytes: a little-endian stream of bits a row. Code i of a row
/// takes bits [i·width, (i+1)·width) of it, the lowest bit first; every row begins at a byte.
namespace eigenquant::layout {

/// Bytes of a row of `count` codes.
constexpr std::size_t packedRowBytes(std::size_t count, int width)
{
    return (count * static_cast<std::size_t>(width) + 7) / 8;
}

/// Packs one row. Each code is below 2^width; `out` holds packedRowBytes(count, width).
constexpr void packRow(const std::uint8_t* codes, std::size_t count, int width, std::uint8_t* out)
{
    std::uint32_t pending = 0;
    int bits = 0;
    for (std::size_t i = 0; i < count; ++i) {
        pending |= static_cast<std::uint32_t>(codes[i]) << bits;
        for (bits += width; bits >= 8; bits -= 8) {
            *out++ = static_cast<std::uint8_t>(pending);
            pending >>= 8;
        }
    }
    if (bits > 0)
        *out = static_cast<std::uint8_t>(pending);
}

/// The inverse of packRow().
constexpr void unpackRow(const std::uint8_t* packed, std::size_t count, int width, std::uint8_t* codes)
{
    const std::uint32_t mask = (1u << width) - 1;
    std::uint32_t pending = 0;
    int bits = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (bits < width) {
            pending |= static_cast<std::uint32_t>(*packed++) << bits;
            bits += 8;
        }
        codes[i] = static_cast<std::uint8_t>(pending & mask);
        pending >>= width;
        bits -= width;
    }
}

} // namespace eigenquant::layout
