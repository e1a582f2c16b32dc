// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layout/column_codes.h"
#include "kernels/layout/pack_columns.h"

#include <cstring>

namespace eigenquant::kernels {
namespace {

std::uint32_t wordAt(const std::uint8_t* bytes, std::size_t index)
{
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + 4 * index, 4);
    return word;
}

std::uint16_t halfAt(const std::uint8_t* bytes, std::size_t index)
{
    std::uint16_t half = 0;
    std::memcpy(&half, bytes + 2 * index, 2);
    return half;
}

std::uint16_t codebookBits(const ColumnLayout& layout, const std::uint8_t* tables, int block, int place,
                           std::uint32_t code)
{
    const int width = layout.widthOf(block);
    const std::uint8_t* table =
        tables + layout.codebookOffset(block) + static_cast<std::size_t>(place * layout.tableBytes(width));
    if (width > 4)
        return halfAt(table, code);
    return static_cast<std::uint16_t>(table[code] | table[code + (width <= 3 ? 8 : 16)] << 8);
}

/// The 16 bits of a column's stream behind the eight rows of lane group g.
std::uint32_t bitsAfter(int width, const std::uint8_t* tile, int group, int place)
{
    const auto own = [&](int of) { // the first 16 bits of a lane's column, or as many as it has
        std::uint32_t words[kMaxColumnWidth];
        for (int word = 0; word < width; ++word)
            words[word] = wordAt(tile, static_cast<std::size_t>(word * 32 + 4 * of + place / 4));
        return static_cast<std::uint32_t>(runBits(width, words, place % 4) & 0xffff);
    };
    const std::uint32_t tail =
        halfAt(tile + kTileRows * kTileColumns / 8 * width, static_cast<std::size_t>(place));
    if (group == 7)
        return tail;
    const std::uint32_t next = own(group + 1);
    if (width > 1)
        return next;
    return next | (group == 6 ? tail & 0xff : own(group + 2)) << 8;
}

} // namespace

std::uint16_t columnWeightBits(const ColumnWeights& weights, int row, int position)
{
    const ColumnLayout& layout = weights.layout;
    const int strip = row / kTileRows, block = position / kTileColumns, place = position % kTileColumns;
    const int width = layout.widthOf(block), group = row % kTileRows / 8, lane = 4 * group + place / 4;
    if ((block - layout.firstBlock(width)) * kTileColumns + place >=
        layout.counts[static_cast<std::size_t>(width)])
        return 0;
    const auto* tile = static_cast<const std::uint8_t*>(weights.codes) + layout.tileOffset(strip, block);
    const auto* tables = static_cast<const std::uint8_t*>(weights.tables);
    std::uint32_t words[kMaxColumnWidth];
    for (int word = 0; word < width; ++word)
        words[word] = wordAt(tile, static_cast<std::size_t>(word * 32 + lane));
    if (layout.coding == ColumnCoding::Trellis) {
        const TrellisRun run =
            trellisRun(width, runBits(width, words, place % 4), bitsAfter(width, tile, group, place));
        const std::uint32_t window = windowAt(run, row % 8 * width);
        return halfAt(tables + static_cast<std::size_t>(layout.levelTable(width)) * kLevels * 2, window);
    }
    std::uint32_t bits = codebookBits(layout, tables, block, place, codeOf(width, words, place % 4, row % 8));
    if (weights.outliers != nullptr) {
        const std::uint32_t* begin = weights.outlierBegins + strip * layout.blocks() + block;
        for (std::uint32_t i = begin[0]; i < begin[1]; ++i)
            if (weights.outliers[i] >> 16 == static_cast<std::uint32_t>(tilePlace(row % kTileRows, place)))
                bits ^= weights.outliers[i] & 0xffff;
    }
    return static_cast<std::uint16_t>(bits);
}

} // namespace eigenquant::kernels
