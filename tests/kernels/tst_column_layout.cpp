// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/column_gemm.h"
#include "kernels/gemm/column_plan.h"
#include "kernels/layout/pack_columns.h"
#include "tests/kernels/column_cases.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

using namespace eigenquant::kernels;
using namespace eigenquant::kernels::test;

namespace {

std::vector<ColumnCase> cases()
{
    std::vector<ColumnCase> result;
    for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
        for (int width = 1; width <= 8; ++width)
            for (const auto& [rows, columns] : {std::pair{64, 16}, {1, 1}, {333, 19}})
                result.push_back({coding, rows, widthsFrom({width}, columns, 1), Outliers::None});
    for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
        result.push_back({coding, 577, widthsFrom({1, 2, 3, 4, 5, 6, 7, 8}, 150, 2), Outliers::None});
    for (const Outliers outliers : {Outliers::Some, Outliers::OneRow})
        result.push_back({ColumnCoding::Codebooks, 300, widthsFrom({2, 3, 3, 3, 4, 6}, 100, 3), outliers});
    return result;
}

} // namespace

TEST(ColumnLayout, WeightsAreThoseOfTheCheckpoint)
{
    for (const ColumnCase& is : cases())
        for (const Element element : {Element::F16, Element::BF16}) {
            const ColumnData data = makeData(is, 11);
            const PackedColumns packed = packColumns(data.source(), element);
            const ColumnWeights weights = packed.weights(packed.bytes.data());
            std::set<int> seen;
            for (int position = 0; position < packed.layout.paddedColumns(); ++position) {
                const int column = packed.order[static_cast<std::size_t>(position)];
                const bool filler = !seen.insert(column).second;
                for (int row = 0; row < is.rows; ++row)
                    ASSERT_EQ(fromElement(columnWeightBits(weights, row, position), element),
                              filler ? 0.0f : data.weight(row, column, element))
                        << is.name() << " row " << row << " column " << column << " filler " << filler;
            }
            EXPECT_EQ(seen.size(), is.widths.size()) << is.name();
        }
}

TEST(ColumnLayout, OrderIsByWidthAndFillsBlocks)
{
    const ColumnData data = makeData({ColumnCoding::Codebooks, 10, {3, 2, 3, 8, 2}, Outliers::None}, 5);
    const PackedColumns packed = packColumns(data.source(), Element::F16);
    ASSERT_EQ(packed.order.size(), 48u);
    EXPECT_EQ(packed.layout.paddedColumns(), 48);
    EXPECT_EQ(packed.order[0], 1);
    EXPECT_EQ(packed.order[1], 4);
    EXPECT_EQ(packed.order[15], 4);
    EXPECT_EQ(packed.order[16], 0);
    EXPECT_EQ(packed.order[17], 2);
    EXPECT_EQ(packed.order[31], 2);
    EXPECT_EQ(packed.order[32], 3);
    EXPECT_EQ(packed.layout.widthOf(0), 2);
    EXPECT_EQ(packed.layout.widthOf(1), 3);
    EXPECT_EQ(packed.layout.widthOf(2), 8);
}

TEST(ColumnLayout, BytesAreThoseOfTheCodes)
{
    ColumnLayout layout{12288, 4096, ColumnCoding::Codebooks, {}};
    layout.counts[2] = layout.counts[4] = 416;
    layout.counts[3] = 4096 - 832;
    EXPECT_EQ(layout.codeBytes(), std::size_t{12288} * 4096 * 3 / 8);
    EXPECT_EQ(layout.tablesBytes(), std::size_t{16} * (416 + 3264) + 32 * 416);
    layout.coding = ColumnCoding::Trellis;
    EXPECT_EQ(layout.codeBytes(), std::size_t{12288} * 4096 * 3 / 8 + 192 * 256 * 32);
    EXPECT_EQ(layout.tablesBytes(), std::size_t{3} * 8192);
}

TEST(ColumnLayout, TilesFollowEachOtherWithoutGaps)
{
    ColumnLayout layout{64 * 6 - 5, 70, ColumnCoding::Trellis, {}};
    layout.counts[1] = 33;
    layout.counts[3] = 20;
    layout.counts[8] = 17;
    std::set<std::size_t> begins;
    std::size_t bytes = 0;
    for (int strip = 0; strip < layout.strips(); ++strip)
        for (int block = 0; block < layout.blocks(); ++block) {
            begins.insert(layout.tileOffset(strip, block));
            bytes += static_cast<std::size_t>(layout.tileBytes(layout.widthOf(block)));
        }
    EXPECT_EQ(begins.size(), static_cast<std::size_t>(layout.strips() * layout.blocks()));
    EXPECT_EQ(bytes, layout.codeBytes());
    EXPECT_EQ(layout.tileOffset(1, 0) - layout.tileOffset(0, 0), static_cast<std::size_t>(layout.tileBytes(1)));
    EXPECT_EQ(layout.tileOffset(0, 1), static_cast<std::size_t>(4 * layout.tileBytes(1)));
    EXPECT_EQ(layout.tileOffset(4, 1) - layout.tileOffset(4, 0),
              static_cast<std::size_t>(2 * layout.tileBytes(1)));
}

TEST(ColumnLayout, StartsAreThoseOfBothFormats)
{
    const std::vector<std::uint8_t> widths{3, 1, 3, 2};
    const ColumnStarts starts = codebookStarts(9, widths); // 2, 3 and 4 bytes a column of 1, 2 and 3 bits
    EXPECT_EQ(starts.codeBits, (std::vector<std::uint64_t>{5 * 8, 0, 9 * 8, 2 * 8}));
    EXPECT_EQ(starts.codebookAt, (std::vector<std::uint64_t>{6, 0, 14, 2}));
    EXPECT_EQ(trellisStarts(9, widths), (std::vector<std::uint64_t>{0, 36, 56, 92}));
}

TEST(ColumnLayout, RefusesContradictions)
{
    const ColumnData data = makeData({ColumnCoding::Codebooks, 70, {3, 2, 5}, Outliers::Some}, 5);
    const auto refused = [&](auto change) {
        ColumnSource source = data.source();
        change(source);
        EXPECT_THROW(packColumns(source, Element::F16), std::invalid_argument);
    };
    const std::vector<std::uint8_t> widths{3, 9, 5};
    const std::vector<ColumnOutlier> outside{{3, 0, 0}};
    refused([&](ColumnSource& source) { source.widths = widths; });
    refused([&](ColumnSource& source) { source.codes = source.codes.first(source.codes.size() - 1); });
    refused([&](ColumnSource& source) { source.codebooks = source.codebooks.first(source.codebooks.size() - 1); });
    refused([&](ColumnSource& source) { source.codeBits = source.codeBits.first(2); });
    refused([&](ColumnSource& source) { source.outliers = outside; });
    refused([&](ColumnSource& source) { source.coding = ColumnCoding::Trellis; });
    refused([&](ColumnSource& source) { source.rows = 0; });
}

TEST(ColumnPlan, FitsEveryGpuAndSharesUnits)
{
    for (const std::size_t sharedBytes : {std::size_t{232448}, std::size_t{166912}})
        for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
            for (int widest = 1; widest <= 8; ++widest)
                for (const int batch : {1, 9, 17, 64}) {
                    ColumnLayout layout{4096, 4096, coding, {}};
                    for (int width = 1; width <= widest; ++width)
                        layout.counts[static_cast<std::size_t>(width)] = 4096 / widest;
                    GpuTraits gpu;
                    gpu.sharedBytes = sharedBytes;
                    const columns::Plan plan = columns::planColumns(layout, batch, gpu);
                    EXPECT_LE(static_cast<std::size_t>(plan.sharedBytes()), sharedBytes)
                        << "widest " << widest << " batch " << batch;
                    EXPECT_GE(plan.stages, 2);
                    EXPECT_GE(plan.batchTile, batch);
                }
}

TEST(ColumnPlan, OwnersAreThoseWhoseRunsHoldTheUnit)
{
    for (const auto& [units, blocks] : {std::pair{7, 7}, {8, 5}, {1000, 132}, {133, 132}, {1, 1}})
        for (int block = 0; block < blocks; ++block) {
            const std::int64_t begin = columns::firstUnit(block, blocks, units),
                               end = columns::firstUnit(block + 1, blocks, units);
            EXPECT_LT(begin, end);
            for (std::int64_t unit = begin; unit < end; ++unit)
                EXPECT_EQ(columns::ownerOf(unit, blocks, units), block)
                    << units << " units, " << blocks << " blocks";
        }
}

TEST(ColumnGemmCpu, IsTheProductWithTheCheckpointsWeights)
{
    for (const ColumnCase& is : cases()) {
        if (is.rows < 300)
            continue;
        const ColumnData data = makeData(is, 21);
        for (const Element element : {Element::F16, Element::BF16}) {
            const PackedColumns packed = packColumns(data.source(), element);
            constexpr int kBatch = 2;
            const auto width = static_cast<std::size_t>(packed.layout.paddedColumns()),
                       rows = static_cast<std::size_t>(is.rows);
            Random random(4);
            std::vector<std::uint16_t> x(kBatch * is.widths.size()), ordered(kBatch * width), y(kBatch * rows);
            for (auto& value : x)
                value = toElement(random.symmetric(), element);
            for (std::size_t i = 0; i < ordered.size(); ++i)
                ordered[i] = x[i / width * is.widths.size() + static_cast<std::size_t>(packed.order[i % width])];
            std::vector<float> bias(rows);
            for (float& value : bias)
                value = random.symmetric();
            ColumnGemm gemm{packed.weights(packed.bytes.data()),
                            ordered.data(),
                            static_cast<std::int64_t>(width),
                            y.data(),
                            is.rows,
                            bias.data(),
                            kBatch,
                            nullptr};
            columnGemmCpu(gemm);
            std::vector<std::uint16_t> dense(rows * width);
            dequantizeColumnsCpu(gemm.weights, dense.data(), static_cast<std::int64_t>(width));
            for (int n = 0; n < kBatch; ++n)
                for (int row = 0; row < is.rows; ++row) {
                    double sum = 0;
                    for (std::size_t j = 0; j < is.widths.size(); ++j)
                        sum += static_cast<double>(data.weight(row, static_cast<int>(j), element)) *
                               static_cast<double>(
                                   fromElement(x[static_cast<std::size_t>(n) * is.widths.size() + j], element));
                    const double expected = sum * static_cast<double>(data.scale(row)) +
                                            static_cast<double>(bias[static_cast<std::size_t>(row)]);
                    const float got = fromElement(
                        y[static_cast<std::size_t>(n) * rows + static_cast<std::size_t>(row)], element);
                    const double unit = element == Element::F16 ? 0x1p-11 : 0x1p-8;
                    ASSERT_NEAR(static_cast<double>(got), expected, unit * std::fabs(expected) + 1e-5)
                        << is.name() << " row " << row;
                }
            for (std::size_t position = 0; position < width; ++position) {
                const int column = packed.order[position];
                const bool filler = position > 0 && packed.order[position - 1] == column;
                const float expected = filler ? 0.0f : data.weight(5, column, element) * data.scale(5);
                ASSERT_EQ(dense[5 * width + position], toElement(expected, element))
                    << is.name() << " " << position;
            }
        }
    }
}
