// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/mixed_gemm.h"
#include "kernels/layout/pack_mixed.h"
#include "tests/kernels/random_mixed.h"
#include "tests/kernels/tolerance.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

namespace eigenquant::kernels {
namespace {

using tests::describe;
using tests::RandomMixed;

std::vector<MixedLayout> layouts()
{
    std::vector<MixedLayout> all;
    for (const int rows : {1, 63, 65, 200})
        for (const int columns : {1, 40, 127, 128, 300, 517})
            for (const int bits : {3, 4}) {
                all.push_back({rows, columns, 0, bits, Coding::Codebook, 128, true});
                for (const int salient : {0, 5, 8, 24, 40, columns})
                    for (const int groupSize : {32, 64, 128, 256})
                        for (const bool symmetric : {false, true})
                            if (salient <= columns)
                                all.push_back({rows, columns, salient, bits, Coding::Grid, groupSize, symmetric});
            }
    return all;
}

/// Reads a packed linear as the words at the top of mixed_layout.h say, lane by lane, and sets W's weights without
/// their scales: salient ones as bits, codes as numbers, and -1 for what has no place. Shares no code with the
/// packing.
struct NaiveReading {
    const MixedLayout& layout;
    const std::uint8_t* bytes;
    std::vector<int> weights; ///< [64·strips][padded columns]: salient blocks of 32, then code blocks of 128
    std::vector<int> scales, zeros; ///< [64·strips][groups of all blocks]
    int width = 0, groupsWide = 0;

    NaiveReading(const MixedLayout& l, const void* blocks)
        : layout(l), bytes(static_cast<const std::uint8_t*>(blocks))
    {
        const int salientBlocks = (l.salient + 31) / 32, codeBlocks = (l.columns - l.salient + 127) / 128;
        const int strips = (l.rows + 63) / 64, groups = l.groupSize >= 128 ? 1 : 128 / l.groupSize;
        width = 32 * salientBlocks + 128 * codeBlocks;
        groupsWide = groups * codeBlocks;
        weights.assign(static_cast<std::size_t>(64 * strips * width), -1);
        scales.assign(static_cast<std::size_t>(64 * strips * groupsWide), -1);
        zeros = scales;
        for (int strip = 0; strip < strips; ++strip) {
            for (int block = 0; block < salientBlocks; ++block)
                readSalient(strip, 32 * block);
            for (int block = 0; block < codeBlocks; ++block)
                readCodes(strip, 32 * salientBlocks + 128 * block, groups * block, groups);
        }
    }

    std::uint32_t word(std::size_t at) const
    {
        return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
               static_cast<std::uint32_t>(bytes[at + 3]) << 24;
    }

    void set(int strip, int warp, int lane, int i, int column, int value)
    {
        static const int rowOf[] = {0, 0, 8, 8, 0, 0, 8, 8}, columnOf[] = {0, 1, 0, 1, 8, 9, 8, 9};
        const int row = 64 * strip + 16 * warp + lane / 4 + rowOf[i];
        weights[static_cast<std::size_t>(row * width + column + 2 * (lane % 4) + columnOf[i])] = value;
    }

    void readSalient(int strip, int column)
    {
        for (int warp = 0; warp < 4; ++warp)
            for (int step = 0; step < 2; ++step)
                for (int lane = 0; lane < 32; ++lane)
                    for (int i = 0; i < 8; ++i, bytes += 2)
                        set(strip, warp, lane, i, column + 16 * step, bytes[0] | bytes[1] << 8);
    }

    void readCodes(int strip, int column, int group, int groups)
    {
        for (int warp = 0; warp < 4; ++warp)
            for (int half = 0; half < 2; ++half) {
                const int at = column + 64 * half;
                layout.bits == 4 ? readHalf4(strip, warp, at) : readHalf3(strip, warp, at);
            }
        readGroups(scales, layout.coding == Coding::Grid, 2, strip, group, groups);
        readGroups(zeros, layout.coding == Coding::Grid && !layout.symmetric, 1, strip, group, groups);
    }

    void readHalf4(int strip, int warp, int column)
    {
        for (int lane = 0; lane < 32; ++lane)
            for (int step = 0; step < 4; ++step, bytes += 4)
                for (int i = 0; i < 8; ++i)
                    set(strip, warp, lane, i, column + 16 * step,
                        static_cast<int>(word(0) >> (4 * (i / 2 + 4 * (i % 2))) & 15));
    }

    void readHalf3(int strip, int warp, int column)
    {
        for (int lane = 0; lane < 32; ++lane) {
            const auto wordOf = [&](int k) { return word(static_cast<std::size_t>(4 * (32 * k + lane))); };
            for (int pair = 0; pair < 16; ++pair)
                for (int second = 0; second < 2; ++second) {
                    std::uint32_t code = 0;
                    if (pair < 15)
                        code = wordOf(pair / 5) >> (16 * second + 3 * (pair % 5)) & 7;
                    else
                        for (int k = 0; k < 3; ++k)
                            code |= (wordOf(k) >> (15 + 16 * second) & 1) << k;
                    set(strip, warp, lane, 2 * (pair % 4) + second, column + 16 * (pair / 4),
                        static_cast<int>(code));
                }
        }
        bytes += 3 * 32 * 4;
    }

    void readGroups(std::vector<int>& to, bool stored, int size, int strip, int group, int groups)
    {
        for (int g = 0; stored && g < groups; ++g)
            for (int row = 0; row < 64; ++row, bytes += size)
                to[static_cast<std::size_t>((64 * strip + row) * groupsWide + group + g)] =
                    size == 2 ? bytes[0] | bytes[1] << 8 : bytes[0];
    }
};

/// What the source says a place of the naive reading holds: zero where W has no such row or column.
int expectedWeight(const RandomMixed& linear, int row, int place)
{
    const MixedLayout& layout = linear.layout;
    const int salientWidth = (layout.salient + 31) / 32 * 32;
    if (row >= layout.rows)
        return 0;
    if (place < salientWidth)
        return place < layout.salient ? linear.salient[RandomMixed::index(row, layout.salient, place)] : 0;
    const int column = place - salientWidth;
    return column < layout.codeColumns() ? linear.codes[RandomMixed::index(row, layout.codeColumns(), column)] : 0;
}

/// The same of a scale or a zero point; `stored` in groups of at most 128 columns.
template <class T>
int expectedGroup(const RandomMixed& linear, const std::vector<T>& from, int row, int stored)
{
    const MixedLayout& layout = linear.layout;
    const int column = stored * std::min(layout.groupSize, kCodeColumns);
    if (row >= layout.rows || column >= layout.codeColumns())
        return 0;
    return from[RandomMixed::index(row, codeGroups(layout), column / layout.groupSize)];
}

TEST(MixedLayout, BlocksHoldWhatTheHeaderSaysThatTheyHold)
{
    for (const MixedLayout& layout : layouts()) {
        SCOPED_TRACE(describe(layout));
        const RandomMixed linear(layout, Element::F16, 7);
        const auto* begin = static_cast<const std::uint8_t*>(linear.weights().blocks);
        const NaiveReading reading(layout, begin);
        ASSERT_EQ(static_cast<std::size_t>(reading.bytes - begin), layout.bytes());
        const int rows = (layout.rows + 63) / 64 * 64;
        for (int row = 0; row < rows; ++row) {
            for (int place = 0; place < reading.width; ++place)
                ASSERT_EQ(reading.weights[RandomMixed::index(row, reading.width, place)],
                          expectedWeight(linear, row, place))
                    << "row " << row << ", place " << place;
            for (int group = 0; layout.coding == Coding::Grid && group < reading.groupsWide; ++group) {
                const std::size_t at = RandomMixed::index(row, reading.groupsWide, group);
                ASSERT_EQ(reading.scales[at], expectedGroup(linear, linear.scales, row, group))
                    << row << ' ' << group;
                ASSERT_EQ(reading.zeros[at],
                          layout.symmetric ? -1 : expectedGroup(linear, linear.zeros, row, group))
                    << row << ' ' << group;
            }
        }
    }
}

TEST(MixedLayout, PackingWritesNothingBeyondItsBytes)
{
    for (const MixedLayout& layout : layouts()) {
        RandomMixed linear(layout, Element::F16, 7);
        const auto* end = static_cast<const std::uint8_t*>(linear.aligned()) + layout.bytes();
        for (; end != linear.blocks.data() + linear.blocks.size(); ++end)
            ASSERT_EQ(*end, 0xcd) << describe(layout);
    }
}

TEST(MixedLayout, WeightsComeBackAsThePlainArraysMeanThem)
{
    for (const MixedLayout& layout : layouts())
        for (const Element element : {Element::F16, Element::BF16}) {
            const RandomMixed linear(layout, element, 11);
            for (int row = 0; row < layout.rows; ++row)
                for (int column = 0; column < layout.columns; ++column)
                    ASSERT_EQ(mixedWeight(linear.weights(), element, row, column), linear.plainWeight(row, column))
                        << describe(layout) << ": row " << row << ", column " << column;
        }
}

TEST(MixedLayout, StripsCanBePackedApart)
{
    const MixedLayout layout{200, 300, 24, 3, Coding::Grid, 64, false};
    const RandomMixed linear(layout, Element::BF16, 3);
    std::vector<std::uint8_t> blocks(layout.bytes(), 0xcd);
    for (const int strip : {3, 0, 2, 1})
        packMixedStrips(linear.source(), strip, strip + 1, blocks.data());
    EXPECT_EQ(std::memcmp(blocks.data(), linear.weights().blocks, layout.bytes()), 0);
}

TEST(MixedLayout, KnowsWhichLayoutsHaveKernels)
{
    const MixedLayout good{64, 128, 8, 4, Coding::Grid, 128, false};
    EXPECT_TRUE(isMixedLayout(good));
    for (const int groupSize : {0, 16, 48, 96, 129, 192}) {
        MixedLayout layout = good;
        layout.groupSize = groupSize;
        EXPECT_FALSE(isMixedLayout(layout)) << groupSize;
    }
    for (const int bits : {1, 2, 5, 8}) {
        MixedLayout layout = good;
        layout.bits = bits;
        EXPECT_FALSE(isMixedLayout(layout)) << bits;
    }
    MixedLayout codebook = good;
    codebook.coding = Coding::Codebook;
    EXPECT_FALSE(isMixedLayout(codebook)); // with salient columns
    codebook.salient = 0;
    EXPECT_TRUE(isMixedLayout(codebook));
    MixedLayout tooSalient = good;
    tooSalient.salient = 129;
    EXPECT_FALSE(isMixedLayout(tooSalient));
}

TEST(MixedLayout, PackingRefusesWhatDoesNotFit)
{
    RandomMixed linear({64, 128, 8, 3, Coding::Grid, 64, false}, Element::F16, 5);
    MixedSource source = linear.source();
    source.zeros = nullptr;
    EXPECT_THROW(packMixed(source, linear.aligned()), std::invalid_argument);
    linear.codes[17] = 8;
    EXPECT_THROW(packMixed(linear.source(), linear.aligned()), std::invalid_argument);
    linear.codes[17] = 7;
    linear.zeros[3] = 8;
    EXPECT_THROW(packMixed(linear.source(), linear.aligned()), std::invalid_argument);
    linear.zeros[3] = 7;
    EXPECT_NO_THROW(packMixed(linear.source(), linear.aligned()));
    source = linear.source();
    source.layout.bits = 5;
    EXPECT_THROW(packMixed(source, linear.aligned()), std::invalid_argument);
}

struct Product {
    std::vector<std::uint16_t> x, y;
    MixedGemm gemm;

    Product(const RandomMixed& linear, int batch, bool bias)
    {
        const MixedLayout& layout = linear.layout;
        gemm.weights = linear.weights();
        gemm.element = linear.element;
        gemm.batch = batch;
        gemm.xStride = (layout.columns + 7) / 8 * 8 + 8;
        gemm.yStride = layout.rows + 3;
        x = tests::randomActivations(batch, layout.columns, gemm.xStride, linear.element, 23);
        y.assign(static_cast<std::size_t>(batch * gemm.yStride), 0x1234);
        gemm.x = x.data();
        gemm.y = y.data();
        gemm.bias = bias ? linear.bias.data() : nullptr;
    }
};

/// Σ W·x in double from the plain arrays; with a codebook the row's scale at the end, as products have it.
void expectProduct(const RandomMixed& linear, const Product& product)
{
    const MixedLayout& layout = linear.layout;
    const bool codebook = layout.coding == Coding::Codebook;
    for (int b = 0; b < product.gemm.batch; ++b)
        for (int row = 0; row < layout.rows; ++row) {
            double sum = 0, magnitude = 0;
            for (int c = 0; c < layout.columns; ++c) {
                const double weight =
                    codebook
                        ? fromElement(linear.codebook[linear.codes[RandomMixed::index(row, layout.columns, c)]],
                                      linear.element)
                        : linear.plainWeight(row, c);
                const double term =
                    weight *
                    fromElement(product.x[static_cast<std::size_t>(b * product.gemm.xStride + c)], linear.element);
                sum += term;
                magnitude += std::fabs(term);
            }
            const double scale = codebook ? linear.rowScales[static_cast<std::size_t>(row)] : 1.0;
            sum = sum * scale + (product.gemm.bias ? linear.bias[static_cast<std::size_t>(row)] : 0.0f);
            const float got =
                fromElement(product.y[static_cast<std::size_t>(b * product.gemm.yStride + row)], linear.element);
            ASSERT_NEAR(got, sum, tests::productTolerance(linear.element, sum, magnitude * scale))
                << "row " << row << ", batch " << b;
        }
    for (int b = 0; b < product.gemm.batch; ++b)
        for (int row = layout.rows; row < product.gemm.yStride; ++row)
            ASSERT_EQ(product.y[static_cast<std::size_t>(b * product.gemm.yStride + row)], 0x1234)
                << "beyond y's rows";
}

TEST(MixedGemmCpu, IsTheNaiveProduct)
{
    for (const MixedLayout& layout : layouts())
        if (layout.rows >= 63 && layout.rows <= 65)
            for (const Element element : {Element::F16, Element::BF16}) {
                SCOPED_TRACE(describe(layout));
                const RandomMixed linear(layout, element, 13);
                Product product(linear, 3, layout.bits == 4);
                mixedGemmCpu(product.gemm);
                expectProduct(linear, product);
            }
}

TEST(MixedGemmCpu, RefusesParametersThatContradictEachOther)
{
    const RandomMixed linear({64, 128, 8, 4, Coding::Grid, 64, false}, Element::F16, 5);
    const Product good(linear, 2, false);
    const auto refused = [&](auto change) {
        MixedGemm gemm = good.gemm;
        change(gemm);
        EXPECT_THROW(mixedGemmCpu(gemm), std::invalid_argument);
    };
    refused([](MixedGemm& gemm) { gemm.batch = 0; });
    refused([](MixedGemm& gemm) { gemm.x = nullptr; });
    refused([](MixedGemm& gemm) { gemm.y = nullptr; });
    refused([](MixedGemm& gemm) { gemm.weights.blocks = nullptr; });
    refused([](MixedGemm& gemm) { gemm.xStride = 120; });
    refused([](MixedGemm& gemm) { gemm.xStride = 130; });
    refused([](MixedGemm& gemm) { gemm.yStride = 63; });
    refused([](MixedGemm& gemm) { gemm.weights.layout.groupSize = 48; });
    refused([](MixedGemm& gemm) { gemm.x = static_cast<const std::uint16_t*>(gemm.x) + 1; });
}

TEST(DequantizeMixedCpu, WritesRowsInTheOrderOfTheColumns)
{
    for (const MixedLayout& layout : layouts())
        if (layout.rows == 65) {
            const RandomMixed linear(layout, Element::BF16, 17);
            const int stride = layout.columns + 1;
            std::vector<std::uint16_t> out(static_cast<std::size_t>(layout.rows * stride), 0x1234);
            dequantizeMixedCpu(linear.weights(), Element::BF16, out.data(), stride);
            for (int row = 0; row < layout.rows; ++row) {
                for (int c = 0; c < layout.columns; ++c)
                    ASSERT_EQ(fromBf16(out[RandomMixed::index(row, stride, c)]), linear.plainWeight(row, c))
                        << describe(layout) << ": row " << row << ", column " << c;
                ASSERT_EQ(out[RandomMixed::index(row, stride, layout.columns)], 0x1234);
            }
        }
}

} // namespace
} // namespace eigenquant::kernels
