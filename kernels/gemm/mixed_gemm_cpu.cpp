// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/mixed_gemm.h"

#include "kernels/gemm/paths.h"
#include "kernels/layout/pack_mixed.h"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigenquant::kernels {

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw std::invalid_argument("mixed product: " + what);
}

/// sum of a[i]·b[i] in double: the products are exact, and the eight running sums only make it quick.
double dot(const float* a, const float* b, int count)
{
    double sums[8] = {};
    int i = 0;
    for (; i + 8 <= count; i += 8)
        for (int k = 0; k < 8; ++k)
            sums[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
    for (; i < count; ++i)
        sums[i % 8] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// x as float32 [batch, columns].
std::vector<float> widened(const MixedGemm& gemm)
{
    const int columns = gemm.weights.layout.columns;
    std::vector<float> x;
    x.reserve(static_cast<std::size_t>(gemm.batch) * static_cast<std::size_t>(columns));
    for (int b = 0; b < gemm.batch; ++b) {
        const auto* row = static_cast<const std::uint16_t*>(gemm.x) + b * gemm.xStride;
        for (int c = 0; c < columns; ++c)
            x.push_back(fromElement(row[c], gemm.element));
    }
    return x;
}

/// The factors of a row's sum: with a codebook, its values without the row's scale.
void readRow(const MixedGemm& gemm, int row, GridWeights grid, std::vector<float>& out)
{
    const MixedWeights& weights = gemm.weights;
    for (int c = 0; c < weights.layout.columns; ++c)
        out[static_cast<std::size_t>(c)] =
            weights.layout.coding == Coding::Codebook
                ? fromElement(weights.codebook[mixedCode(weights, row, c)], gemm.element)
            : grid == GridWeights::Exact ? exactMixedWeight(weights, gemm.element, row, c)
                                         : mixedWeight(weights, gemm.element, row, c);
}

} // namespace

void checkMixedGemm(const MixedGemm& gemm)
{
    const MixedLayout& layout = gemm.weights.layout;
    if (!isMixedLayout(layout))
        refuse("no kernel knows this layout: " + std::to_string(layout.rows) + " x " +
               std::to_string(layout.columns) + ", " + std::to_string(layout.salient) + " salient, " +
               std::to_string(layout.bits) + " bits, groups of " + std::to_string(layout.groupSize));
    if (gemm.batch < 1)
        refuse("batch is " + std::to_string(gemm.batch) + ", must be at least 1");
    if (!gemm.x || !gemm.y || !gemm.weights.blocks)
        refuse("x, y or the weights are null");
    if (layout.coding == Coding::Codebook && (!gemm.weights.rowScales || !gemm.weights.codebook))
        refuse("a codebook's values or row scales are null");
    if (gemm.xStride < layout.columns || gemm.xStride % 8 != 0)
        refuse("xStride is " + std::to_string(gemm.xStride) + ", must be a multiple of 8 and at least the " +
               std::to_string(layout.columns) + " columns");
    if (gemm.yStride < layout.rows)
        refuse("yStride is " + std::to_string(gemm.yStride) + ", must be at least the " +
               std::to_string(layout.rows) + " rows");
    if (reinterpret_cast<std::uintptr_t>(gemm.x) % 16 != 0)
        refuse("x is not 16-byte aligned");
    if (reinterpret_cast<std::uintptr_t>(gemm.weights.blocks) % 16 != 0)
        refuse("the weights are not 16-byte aligned");
}

void mixedGemmCpu(const MixedGemm& gemm, GridWeights grid)
{
    checkMixedGemm(gemm);
    const MixedLayout& layout = gemm.weights.layout;
    const std::vector<float> x = widened(gemm);
    std::vector<float> weights(static_cast<std::size_t>(layout.columns));
    for (int row = 0; row < layout.rows; ++row) {
        readRow(gemm, row, grid, weights);
        const double scale = layout.coding == Coding::Codebook ? gemm.weights.rowScales[row] : 1.0;
        const double bias = gemm.bias ? gemm.bias[row] : 0.0;
        for (int b = 0; b < gemm.batch; ++b) {
            const double sum =
                dot(weights.data(), x.data() + static_cast<std::ptrdiff_t>(b) * layout.columns, layout.columns);
            static_cast<std::uint16_t*>(gemm.y)[b * gemm.yStride + row] =
                toElement(static_cast<float>(sum * scale + bias), gemm.element);
        }
    }
}

void dequantizeMixedCpu(const MixedWeights& weights, Element element, std::uint16_t* out, std::int64_t stride)
{
    for (int row = 0; row < weights.layout.rows; ++row)
        for (int c = 0; c < weights.layout.columns; ++c)
            out[row * stride + c] = toElement(mixedWeight(weights, element, row, c), element);
}

} // namespace eigenquant::kernels
