// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/layout/pack_columns.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// Random linears with columns of their own as checkpoints store them, and a reading of them that shares no line
/// with the packing.
namespace eigenquant::kernels::test {

class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed * 0x9e3779b97f4a7c15 + 0x1234567) {}
    std::uint32_t next()
    {
        m_state = m_state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::uint32_t>(m_state >> 33);
    }
    int below(int count) { return static_cast<int>(next() % static_cast<std::uint32_t>(count)); }
    float symmetric() { return static_cast<float>(next()) * 0x1p-30f - 1; }

private:
    std::uint64_t m_state;
};

enum class Outliers { None, Some, OneRow };

struct ColumnCase {
    ColumnCoding coding = ColumnCoding::Codebooks;
    int rows = 0;
    std::vector<std::uint8_t> widths;
    Outliers outliers = Outliers::None;
    std::string name() const
    {
        std::array<int, 9> counts{};
        for (const std::uint8_t width : widths)
            ++counts[width];
        std::string text = coding == ColumnCoding::Trellis ? "trellis" : "codebooks";
        text += " rows " + std::to_string(rows) + " columns";
        for (std::size_t width = 1; width < counts.size(); ++width)
            if (counts[width] > 0)
                text += " " + std::to_string(counts[width]) + "x" + std::to_string(width) + "bit";
        return text + (outliers == Outliers::None   ? ""
                       : outliers == Outliers::Some ? " outliers"
                                                    : " a row of outliers");
    }
};

/// Owns what a ColumnSource points to.
struct ColumnData {
    ColumnCase is;
    std::vector<std::uint8_t> codes;
    std::vector<std::uint64_t> codeBits, codebookAt;
    std::vector<std::uint16_t> codebooks;
    std::array<std::vector<float>, kMaxColumnWidth + 1> levels;
    std::vector<float> rowScales;
    std::vector<ColumnOutlier> outliers;
    std::map<std::pair<int, int>, std::uint16_t> outlierAt; ///< by column, row

    ColumnSource source() const
    {
        ColumnSource source{is.rows,   is.coding,  is.widths, codes,     codeBits,
                            codebooks, codebookAt, {},        rowScales, outliers};
        for (std::size_t width = 1; width < levels.size(); ++width)
            source.levels[width] = levels[width];
        return source;
    }
    /// `count` bits from bit `first` of column j's stream, one at a time.
    std::uint32_t bits(std::size_t j, std::uint64_t first, int count) const
    {
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i) {
            const std::uint64_t bit = codeBits[j] + first + static_cast<std::uint64_t>(i);
            value |= static_cast<std::uint32_t>((codes[bit / 8] >> (bit % 8)) & 1) << i;
        }
        return value;
    }
    /// The weight before its row's scale, rounded to the element.
    float weight(int row, int column, Element element) const
    {
        const auto j = static_cast<std::size_t>(column);
        const std::uint64_t first = static_cast<std::uint64_t>(row) * is.widths[j];
        if (is.coding == ColumnCoding::Trellis)
            return fromElement(toElement(levels[is.widths[j]][bits(j, first, 12)], element), element);
        const auto outlier = outlierAt.find({column, row});
        const std::uint16_t half =
            outlier != outlierAt.end() ? outlier->second : codebooks[codebookAt[j] + bits(j, first, is.widths[j])];
        return fromElement(toElement(fromF16(half), element), element);
    }
    float scale(int row) const { return rowScales.empty() ? 1.0f : rowScales[static_cast<std::size_t>(row)]; }
};

inline void addOutliers(ColumnData& data, Random& random)
{
    const int columns = static_cast<int>(data.is.widths.size());
    const auto add = [&](int column, int row) {
        const std::uint16_t value = toF16(4 * random.symmetric());
        if (data.outlierAt.emplace(std::pair{column, row}, value).second)
            data.outliers.push_back({column, row, value});
    };
    if (data.is.outliers ==
        Outliers::Some) // one weight in a hundred, and a tile with more than a warp lists at once
        for (int i = 0; i < data.is.rows * columns / 100 + 1; ++i)
            add(random.below(columns), random.below(data.is.rows));
    if (data.is.outliers == Outliers::OneRow)
        for (int column = 0; column < columns; ++column)
            add(column, data.is.rows - 1);
    if (data.is.outliers == Outliers::Some)
        for (int i = 0; i < 70; ++i)
            add(0, random.below(data.is.rows));
}

inline ColumnData makeData(const ColumnCase& is, std::uint64_t seed)
{
    Random random(seed);
    ColumnData data;
    data.is = is;
    std::uint64_t bits = 0, values = 0;
    for (const std::uint8_t width : is.widths) { // codebooks' streams begin at bytes, trellis streams anywhere
        const auto rows = static_cast<std::uint64_t>(is.rows);
        data.codeBits.push_back(bits);
        bits += is.coding == ColumnCoding::Trellis ? 12 + (rows - 1) * width : (rows * width + 7) / 8 * 8;
        data.codebookAt.push_back(values);
        values += std::uint64_t{1} << width;
    }
    data.codes.resize((bits + 7) / 8);
    for (std::uint8_t& byte : data.codes)
        byte = static_cast<std::uint8_t>(random.next() >> 7);
    if (is.coding == ColumnCoding::Trellis) {
        for (const std::uint8_t width : is.widths)
            if (data.levels[width].empty())
                for (int window = 0; window < kLevels; ++window)
                    data.levels[width].push_back(fromF16(toF16(2 * random.symmetric())));
        for (int row = 0; row < is.rows; ++row)
            data.rowScales.push_back(fromF16(toF16(1.5f + random.symmetric())));
        return data;
    }
    for (std::uint64_t i = 0; i < values; ++i)
        data.codebooks.push_back(toF16(random.symmetric()));
    addOutliers(data, random);
    return data;
}

/// `count` columns whose widths are drawn from a list.
inline std::vector<std::uint8_t> widthsFrom(const std::vector<int>& list, int count, std::uint64_t seed)
{
    Random random(seed);
    std::vector<std::uint8_t> widths;
    for (int i = 0; i < count; ++i)
        widths.push_back(static_cast<std::uint8_t>(
            list[static_cast<std::size_t>(random.below(static_cast<int>(list.size())))]));
    return widths;
}

} // namespace eigenquant::kernels::test
