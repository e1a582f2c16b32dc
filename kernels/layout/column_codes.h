// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// How the bits of a tile's lane are read, by host and device alike: column_layout.h says where they lie.
/// Arguments are constants wherever this is inlined into a kernel, so that every branch here is decided by the
/// compiler.
namespace eigenquant::kernels {

/// The codes below 16 of one of the lane's four columns, or the low planes of wider ones: nibble r is row r's.
constexpr std::uint32_t nibblesOf(int width, const std::uint32_t* words, int column)
{
    if (width == 1)
        return (words[0] >> column) & 0x11111111u;
    if (width == 2)
        return (words[column / 2] >> (2 * (column % 2))) & 0x33333333u;
    if (width == 3)
        return column < 3 ? words[column] & 0x77777777u
                          : ((words[0] >> 3) & 0x11111111u) | ((words[1] >> 2) & 0x22222222u) |
                                ((words[2] >> 1) & 0x44444444u);
    return words[column];
}

/// A code of any width.
constexpr std::uint32_t codeOf(int width, const std::uint32_t* words, int column, int row)
{
    const std::uint32_t low = (nibblesOf(width < 4 ? width : 4, words, column) >> (4 * row)) & 15u;
    if (width <= 4)
        return low;
    return low | ((nibblesOf(width - 4, words + 4, column) >> (4 * row)) & 15u) << 4;
}

/// The 8·width bits of one of the lane's columns.
constexpr std::uint64_t runBits(int width, const std::uint32_t* words, int column)
{
    const int begin = 8 * width * column, word = begin / 32, skipped = begin % 32, first = 32 - skipped;
    std::uint64_t bits = words[word] >> skipped;
    if (first < 8 * width)
        bits |= static_cast<std::uint64_t>(words[word + 1]) << first;
    if (first + 32 < 8 * width)
        bits |= static_cast<std::uint64_t>(words[word + 2]) << (first + 32);
    return width == 8 ? bits : bits & ((std::uint64_t{1} << (8 * width)) - 1);
}

/// What the windows of a lane's eight rows of a column lie in: its own bits and the 16 that follow in the stream.
struct TrellisRun {
    std::uint32_t words[3];
};

constexpr TrellisRun trellisRun(int width, std::uint64_t own, std::uint32_t next)
{
    const int end = 8 * width;
    const std::uint64_t low = own | (end < 64 ? static_cast<std::uint64_t>(next) << (end & 63) : 0);
    const std::uint32_t high = end > 48 ? next >> (64 - end) : 0;
    return {{static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32), high}};
}

/// The window that begins at a bit.
constexpr std::uint32_t windowAt(const TrellisRun& run, int bit)
{
    const int word = bit / 32, rest = bit % 32;
    const std::uint32_t low = run.words[word] >> rest;
    return (rest + 12 > 32 ? low | run.words[word + 1] << (32 - rest) : low) & 0xfffu;
}

} // namespace eigenquant::kernels
