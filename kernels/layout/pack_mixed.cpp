// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layout/pack_mixed.h"

#include "kernels/gemm/mixed_gemm.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace eigenquant::kernels {

namespace {

/// Where a weight of a strip lies in its block: the lane, and which of the eight weights of its step.
struct Place {
    int warp, step, lane, i;
};

/// The inverse of fragmentRow() and fragmentColumn().
constexpr Place placeOf(int row, int column)
{
    const int inRow = row % 16, inColumn = column % 16;
    return {row / 16, column / 16, 4 * (inRow % 8) + inColumn % 8 / 2,
            inColumn % 2 + 2 * (inRow / 8) + 4 * (inColumn / 8)};
}

static_assert([] {
    for (int lane = 0; lane < 32; ++lane)
        for (int i = 0; i < 8; ++i) {
            const Place place = placeOf(fragmentRow(lane, i), fragmentColumn(lane, i));
            if (place.lane != lane || place.i != i || place.warp != 0 || place.step != 0)
                return false;
        }
    return true;
}());

/// Index of a salient weight in its block, in elements.
constexpr int salientIndex(int row, int column)
{
    const Place place = placeOf(row, column);
    return ((place.warp * 2 + place.step) * 32 + place.lane) * 8 + place.i;
}

/// Where a code lies in its block: its word and lowest bit. The weights of pair 15 of 3-bit codes are `spread`:
/// their bits lie in three words, 32 apart, at the same place.
struct CodeBits {
    int word;
    int shift;
    bool spread;
};

constexpr CodeBits codeBits4(int row, int column)
{
    const Place place = placeOf(row, column);
    const int half = place.step / 4, step = place.step % 4;
    return {((place.warp * 2 + half) * 32 + place.lane) * 4 + step, 4 * (place.i / 2 + 4 * (place.i % 2)), false};
}

constexpr CodeBits codeBits3(int row, int column)
{
    const Place place = placeOf(row, column);
    const int half = place.step / 4, pair = 4 * (place.step % 4) + place.i / 2, second = place.i % 2;
    const int firstWord = (place.warp * 2 + half) * 96 + place.lane;
    if (pair == 15)
        return {firstWord, 15 + 16 * second, true};
    return {firstWord + 32 * (pair / 5), 3 * (pair % 5) + 16 * second, false};
}

std::uint32_t loadWord(const std::byte* words, int index)
{
    std::uint32_t word;
    std::memcpy(&word, words + 4 * static_cast<std::ptrdiff_t>(index), 4);
    return word;
}

void addBits(std::byte* words, int index, std::uint32_t bits)
{
    const std::uint32_t word = loadWord(words, index) | bits;
    std::memcpy(words + 4 * static_cast<std::ptrdiff_t>(index), &word, 4);
}

void writeCode(std::byte* words, int bits, int row, int column, std::uint32_t code)
{
    const CodeBits place = bits == 4 ? codeBits4(row, column) : codeBits3(row, column);
    if (!place.spread)
        return addBits(words, place.word, code << place.shift);
    for (int bit = 0; bit < 3; ++bit)
        addBits(words, place.word + 32 * bit, (code >> bit & 1) << place.shift);
}

int readCode(const std::byte* words, int bits, int row, int column)
{
    const CodeBits place = bits == 4 ? codeBits4(row, column) : codeBits3(row, column);
    if (!place.spread)
        return static_cast<int>(loadWord(words, place.word) >> place.shift & ((1u << bits) - 1));
    std::uint32_t code = 0;
    for (int bit = 0; bit < 3; ++bit)
        code |= (loadWord(words, place.word + 32 * bit) >> place.shift & 1) << bit;
    return static_cast<int>(code);
}

[[noreturn]] void refuse(const std::string& what)
{
    throw std::invalid_argument("packing a mixed linear: " + what);
}

void checkSource(const MixedSource& source)
{
    const MixedLayout& layout = source.layout;
    if (!isMixedLayout(layout))
        refuse("no kernel knows this layout: " + std::to_string(layout.rows) + " x " +
               std::to_string(layout.columns) + ", " + std::to_string(layout.salient) + " salient, " +
               std::to_string(layout.bits) + " bits, groups of " + std::to_string(layout.groupSize));
    if (layout.codeColumns() > 0 && !source.codes)
        refuse("codes are missing");
    if (layout.codeColumns() > 0 && layout.hasScales() && !source.scales)
        refuse("scales are missing");
    if (layout.codeColumns() > 0 && layout.hasZeros() && !source.zeros)
        refuse("zero points are missing");
    if (layout.salient > 0 && !source.salient)
        refuse("salient weights are missing");
}

/// One block of a strip: its first column, and how many of its rows and columns exist.
struct Cut {
    int firstRow, rows;
    int firstColumn, columns; ///< counted from the first salient column, or from the first column of codes
};

void packSalientBlock(const MixedSource& source, const Cut& cut, std::byte* block)
{
    for (int r = 0; r < cut.rows; ++r) {
        const std::uint16_t* row = source.salient +
                                   static_cast<std::ptrdiff_t>(cut.firstRow + r) * source.layout.salient +
                                   cut.firstColumn;
        for (int c = 0; c < cut.columns; ++c)
            std::memcpy(block + 2 * salientIndex(r, c), row + c, 2);
    }
}

void packCodes(const MixedSource& source, const Cut& cut, std::byte* block)
{
    const MixedLayout& layout = source.layout;
    for (int r = 0; r < cut.rows; ++r) {
        const std::uint8_t* row =
            source.codes + static_cast<std::ptrdiff_t>(cut.firstRow + r) * layout.codeColumns() + cut.firstColumn;
        for (int c = 0; c < cut.columns; ++c) {
            if (row[c] >> layout.bits)
                refuse("code " + std::to_string(row[c]) + " of row " + std::to_string(cut.firstRow + r) +
                       " does not fit " + std::to_string(layout.bits) + " bits");
            writeCode(block, layout.bits, r, c, row[c]);
        }
    }
}

/// Scales and zero points of a block. Groups longer than a block have theirs in each of the blocks they span.
void packGroups(const MixedSource& source, const Cut& cut, std::byte* block)
{
    const MixedLayout& layout = source.layout;
    const int groups =
        (cut.columns + std::min(layout.groupSize, kCodeColumns) - 1) / std::min(layout.groupSize, kCodeColumns);
    const int firstGroup = cut.firstColumn / layout.groupSize;
    for (int r = 0; r < cut.rows; ++r)
        for (int group = 0; group < groups; ++group) {
            const std::ptrdiff_t from =
                static_cast<std::ptrdiff_t>(cut.firstRow + r) * codeGroups(layout) + firstGroup + group;
            const int to = group * kStripRows + r;
            std::memcpy(block + layout.scalesOffset() + 2 * to, source.scales + from, 2);
            if (!layout.hasZeros())
                continue;
            if (source.zeros[from] >> layout.bits)
                refuse("zero point " + std::to_string(source.zeros[from]) + " of row " +
                       std::to_string(cut.firstRow + r) + " does not fit " + std::to_string(layout.bits) +
                       " bits");
            block[layout.zerosOffset() + to] = static_cast<std::byte>(source.zeros[from]);
        }
}

void packStrip(const MixedSource& source, int strip, std::byte* bytes)
{
    const MixedLayout& layout = source.layout;
    const int firstRow = strip * kStripRows, rows = std::min(kStripRows, layout.rows - firstRow);
    std::memset(bytes, 0, layout.stripBytes());
    for (int block = 0; block < layout.salientBlocks(); ++block) {
        const int first = block * kSalientColumns, columns = std::min(kSalientColumns, layout.salient - first);
        packSalientBlock(source, {firstRow, rows, first, columns}, bytes + layout.blockOffset(block));
    }
    for (int block = 0; block < layout.codeBlocks(); ++block) {
        const int first = block * kCodeColumns, columns = std::min(kCodeColumns, layout.codeColumns() - first);
        std::byte* at = bytes + layout.blockOffset(layout.salientBlocks() + block);
        packCodes(source, {firstRow, rows, first, columns}, at);
        if (layout.hasScales())
            packGroups(source, {firstRow, rows, first, columns}, at);
    }
}

/// The strip of a row.
const std::byte* stripOf(const MixedWeights& weights, int row)
{
    return static_cast<const std::byte*>(weights.blocks) +
           static_cast<std::size_t>(row / kStripRows) * weights.layout.stripBytes();
}

/// The block of a column of codes, counted from the first one.
const std::byte* codeBlockOf(const MixedWeights& weights, int row, int codeColumn)
{
    return stripOf(weights, row) +
           weights.layout.blockOffset(weights.layout.salientBlocks() + codeColumn / kCodeColumns);
}

float gridWeight(const MixedWeights& weights, int row, int codeColumn)
{
    const MixedLayout& layout = weights.layout;
    const std::byte* block = codeBlockOf(weights, row, codeColumn);
    const int group = codeColumn % kCodeColumns / std::min(layout.groupSize, kCodeColumns);
    const int at = group * kStripRows + row % kStripRows;
    std::uint16_t scale;
    std::memcpy(&scale, block + layout.scalesOffset() + 2 * at, 2);
    const int zero =
        layout.hasZeros() ? static_cast<int>(block[layout.zerosOffset() + at]) : 1 << (layout.bits - 1);
    const int code = readCode(block, layout.bits, row % kStripRows, codeColumn % kCodeColumns);
    return static_cast<float>(code - zero) * fromF16(scale); // exact: eleven bits by four or fewer
}

} // namespace

void packMixedStrips(const MixedSource& source, int firstStrip, int endStrip, void* blocks)
{
    checkSource(source);
    for (int strip = firstStrip; strip < endStrip; ++strip)
        packStrip(source, strip,
                  static_cast<std::byte*>(blocks) + static_cast<std::size_t>(strip) * source.layout.stripBytes());
}

void packMixed(const MixedSource& source, void* blocks)
{
    packMixedStrips(source, 0, source.layout.strips(), blocks);
}

int mixedCode(const MixedWeights& weights, int row, int column)
{
    const int codeColumn = column - weights.layout.salient;
    return readCode(codeBlockOf(weights, row, codeColumn), weights.layout.bits, row % kStripRows,
                    codeColumn % kCodeColumns);
}

float exactMixedWeight(const MixedWeights& weights, Element element, int row, int column)
{
    const MixedLayout& layout = weights.layout;
    if (column < layout.salient) {
        const std::byte* block = stripOf(weights, row) + layout.blockOffset(column / kSalientColumns);
        std::uint16_t bits;
        std::memcpy(&bits, block + 2 * salientIndex(row % kStripRows, column % kSalientColumns), 2);
        return fromElement(bits, element);
    }
    if (layout.coding == Coding::Grid)
        return gridWeight(weights, row, column - layout.salient);
    const float value = fromElement(weights.codebook[mixedCode(weights, row, column)], element);
    return fromElement(toElement(value * weights.rowScales[row], element), element);
}

float mixedWeight(const MixedWeights& weights, Element element, int row, int column)
{
    return fromElement(toElement(exactMixedWeight(weights, element, row, column), element), element);
}

} // namespace eigenquant::kernels
