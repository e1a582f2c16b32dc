// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/gemm/mixed_gemm.h"
#include "kernels/layout/pack_mixed.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

/// Mixed linears of random numbers, plain and packed, for tests of the layout and of the kernels.
namespace eigenquant::tests {

inline std::string describe(const kernels::MixedLayout& layout)
{
    std::string text = std::to_string(layout.rows) + "x" + std::to_string(layout.columns) + " salient " +
                       std::to_string(layout.salient) + ", " + std::to_string(layout.bits) + " bits, ";
    if (layout.coding == kernels::Coding::Codebook)
        return text + "codebook";
    return text + "groups of " + std::to_string(layout.groupSize) +
           (layout.symmetric ? " symmetric" : " asymmetric");
}

struct RandomMixed {
    kernels::MixedLayout layout;
    kernels::Element element;
    std::vector<std::uint8_t> codes, zeros;
    std::vector<std::uint16_t> scales, salient, codebook;
    std::vector<float> rowScales, bias;
    std::vector<std::uint8_t> blocks;

    RandomMixed(const kernels::MixedLayout& shape, kernels::Element type, unsigned seed)
        : layout(shape), element(type)
    {
        using kernels::toElement, kernels::toF16;
        std::mt19937 random(seed);
        std::uniform_int_distribution<int> code(0, (1 << layout.bits) - 1);
        std::uniform_real_distribution<float> unit(-1, 1);
        const auto rows = static_cast<std::size_t>(layout.rows);
        const bool grid = layout.coding == kernels::Coding::Grid;
        const auto groups = grid ? static_cast<std::size_t>(kernels::codeGroups(layout)) : 0;
        fill(codes, rows * static_cast<std::size_t>(layout.codeColumns()), [&] { return code(random); });
        fill(scales, rows * groups, [&] { return toF16(0.01f + 0.009f * unit(random)); });
        fill(zeros, layout.symmetric ? 0 : rows * groups, [&] { return code(random); });
        fill(salient, rows * static_cast<std::size_t>(layout.salient),
             [&] { return toElement(0.1f * unit(random), element); });
        if (!grid) {
            fill(codebook, std::size_t{1} << layout.bits, [&] { return toElement(unit(random), element); });
            fill(rowScales, static_cast<std::size_t>(layout.strips() * kernels::kStripRows),
                 [&] { return 0.05f + 0.04f * unit(random); });
        }
        fill(bias, rows, [&] { return unit(random); });
        blocks.assign(layout.bytes() + 16, 0xcd);
        kernels::packMixed(source(), aligned());
    }

    kernels::MixedSource source() const
    {
        return {layout, codes.data(), scales.data(), zeros.data(), salient.data()};
    }
    kernels::MixedWeights weights() const
    {
        return {layout, const_cast<RandomMixed*>(this)->aligned(), rowScales.data(), codebook.data()};
    }
    /// The blocks' 16-byte aligned start.
    void* aligned() { return blocks.data() + (16 - reinterpret_cast<std::uintptr_t>(blocks.data()) % 16) % 16; }

    /// One weight from the plain arrays, not from the blocks: the same meaning by another way.
    float plainWeight(int row, int column) const
    {
        if (column < layout.salient)
            return kernels::fromElement(salient[index(row, layout.salient, column)], element);
        const int at = column - layout.salient, code = codes[index(row, layout.codeColumns(), at)];
        float weight;
        if (layout.coding == kernels::Coding::Codebook) {
            const auto entry = static_cast<std::size_t>(code);
            weight = kernels::fromElement(codebook[entry], element) * rowScales[static_cast<std::size_t>(row)];
        } else {
            const std::size_t group = index(row, kernels::codeGroups(layout), at / layout.groupSize);
            const int zero = layout.symmetric ? 1 << (layout.bits - 1) : zeros[group];
            weight = static_cast<float>(code - zero) * kernels::fromF16(scales[group]);
        }
        return kernels::fromElement(kernels::toElement(weight, element), element);
    }

    static std::size_t index(int row, int width, int column)
    {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
    }

private:
    template <class T, class Make>
    static void fill(std::vector<T>& values, std::size_t count, Make make)
    {
        values.resize(count);
        for (T& value : values)
            value = static_cast<T>(make());
    }
};

/// x [batch, columns] in rows of `stride`, with NaN in what lies beyond the columns: kernels must not let it in.
inline std::vector<std::uint16_t> randomActivations(int batch, int columns, std::int64_t stride,
                                                    kernels::Element element, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> unit(-1, 1);
    std::vector<std::uint16_t> x(static_cast<std::size_t>(batch * stride), 0x7fff); // a NaN of both types
    for (int b = 0; b < batch; ++b)
        for (int c = 0; c < columns; ++c)
            x[static_cast<std::size_t>(b * stride + c)] = kernels::toElement(unit(random), element);
    return x;
}

} // namespace eigenquant::tests
