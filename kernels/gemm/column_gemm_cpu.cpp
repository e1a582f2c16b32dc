// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/column_gemm.h"

#include "kernels/gemm/column_plan.h"

#include <algorithm>
#include <vector>

namespace eigenquant::kernels {
namespace {

/// A row of W before its scale, [paddedColumns].
void readRow(const ColumnWeights& weights, int row, std::vector<float>& values)
{
    values.resize(static_cast<std::size_t>(weights.layout.paddedColumns()));
    for (std::size_t position = 0; position < values.size(); ++position)
        values[position] =
            fromElement(columnWeightBits(weights, row, static_cast<int>(position)), weights.element);
}

float scaleOf(const ColumnWeights& weights, int row)
{
    return weights.rowScales != nullptr ? weights.rowScales[row] : 1.0f;
}

} // namespace

std::size_t columnGemmWorkspaceBytes(const ColumnLayout& layout, int batch, const GpuTraits& gpu)
{
    const int rows = std::min(batch, columns::kLargestBatchTile);
    const auto parts = static_cast<std::size_t>(columns::planColumns(layout, rows, gpu).blocks + layout.groups());
    return parts * static_cast<std::size_t>(rows) * kGroupRows * sizeof(float);
}

std::string columnGemmName(const ColumnLayout& layout, int batch)
{
    const int tile = columns::planColumns(layout, std::min(batch, columns::kLargestBatchTile), {}).batchTile;
    return std::string("columns ") + (layout.coding == ColumnCoding::Trellis ? "trellis " : "codebooks ") +
           std::to_string(kGroupRows) + "x" + std::to_string(tile);
}

void columnGemmCpu(const ColumnGemm& gemm)
{
    const Element element = gemm.weights.element;
    std::vector<float> row;
    for (int r = 0; r < gemm.weights.layout.rows; ++r) {
        readRow(gemm.weights, r, row);
        for (int n = 0; n < gemm.batch; ++n) {
            const std::uint16_t* x = static_cast<const std::uint16_t*>(gemm.x) + n * gemm.xStride;
            double sum = 0;
            for (std::size_t position = 0; position < row.size(); ++position)
                sum += static_cast<double>(row[position]) * static_cast<double>(fromElement(x[position], element));
            const float bias = gemm.bias != nullptr ? gemm.bias[r] : 0.0f;
            static_cast<std::uint16_t*>(gemm.y)[n * gemm.yStride + r] =
                toElement(static_cast<float>(sum) * scaleOf(gemm.weights, r) + bias, element);
        }
    }
}

void dequantizeColumnsCpu(const ColumnWeights& weights, std::uint16_t* out, std::int64_t stride)
{
    std::vector<float> row;
    for (int r = 0; r < weights.layout.rows; ++r) {
        readRow(weights, r, row);
        for (std::size_t position = 0; position < row.size(); ++position)
            out[r * stride + static_cast<std::int64_t>(position)] =
                toElement(row[position] * scaleOf(weights, r), weights.element);
    }
}

} // namespace eigenquant::kernels
