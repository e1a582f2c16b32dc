// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/column_linear.h"

#include "core/quant/cmpq_format.h"
#include "core/quant/etq.h"
#include "core/quant/packed_cmpq.h"
#include "core/quant/trellis.h"

#include <ATen/TensorOperators.h>

#include <span>
#include <vector>

namespace eigenquant {
namespace {

template <class Value>
std::span<const Value> valuesOf(const at::Tensor& tensor)
{
    return {static_cast<const Value*>(tensor.const_data_ptr()), static_cast<std::size_t>(tensor.numel())};
}

std::vector<kernels::ColumnOutlier> outliersOf(const CmpqLinear& linear)
{
    const auto countBytes = static_cast<int>(linear.outlierCounts.size(1));
    const auto rowBytes = static_cast<int>(linear.outlierRows.size(1));
    const auto* count = linear.outlierCounts.const_data_ptr<std::uint8_t>();
    const auto* row = linear.outlierRows.const_data_ptr<std::uint8_t>();
    const auto values = valuesOf<std::uint16_t>(linear.outlierValues);
    std::vector<kernels::ColumnOutlier> outliers;
    for (std::size_t column = 0; column < linear.widths.size(); ++column, count += countBytes)
        for (auto left = readCmpqNumber(count, countBytes); left > 0; --left, row += rowBytes)
            outliers.push_back({static_cast<std::int32_t>(column),
                                static_cast<std::int32_t>(readCmpqNumber(row, rowBytes)), values[outliers.size()]});
    return outliers;
}

kernels::PackedColumns packedCodebooks(const PackedLinear& packed, kernels::Element element)
{
    const CmpqLinear linear = checkedCmpq(packed);
    const auto rows = static_cast<int>(packed.outFeatures);
    const kernels::ColumnStarts starts = kernels::codebookStarts(rows, linear.widths);
    const std::vector<kernels::ColumnOutlier> outliers = outliersOf(linear);
    kernels::ColumnSource source;
    source.rows = rows;
    source.coding = kernels::ColumnCoding::Codebooks;
    source.widths = linear.widths;
    source.codes = valuesOf<std::uint8_t>(linear.codes);
    source.codeBits = starts.codeBits;
    source.codebooks = valuesOf<std::uint16_t>(linear.codebooks);
    source.codebookAt = starts.codebookAt;
    source.outliers = outliers;
    return kernels::packColumns(source, element);
}

kernels::PackedColumns packedTrellis(const PackedLinear& packed, kernels::Element element)
{
    const std::vector<std::uint8_t> widths = etqColumnWidths(packed);
    const auto rows = static_cast<int>(packed.outFeatures);
    const std::vector<std::uint64_t> starts = kernels::trellisStarts(rows, widths);
    const at::Tensor scales = packed.part("scales").to(at::kFloat).contiguous();
    kernels::ColumnSource source;
    source.rows = rows;
    source.coding = kernels::ColumnCoding::Trellis;
    source.widths = widths;
    source.codes = valuesOf<std::uint8_t>(packed.part("codes"));
    source.codeBits = starts;
    for (const std::uint8_t width : widths)
        source.levels[width] = TrellisCode::ofWidth(width).levels();
    source.rowScales = valuesOf<float>(scales);
    return kernels::packColumns(source, element);
}

} // namespace

bool hasColumnCodes(const PackedLinear& packed)
{
    return packed.plan.method == Method::Cmpq || packed.plan.method == Method::Etq;
}

kernels::PackedColumns packedColumns(const PackedLinear& packed, kernels::Element element)
{
    return packed.plan.method == Method::Cmpq ? packedCodebooks(packed, element) : packedTrellis(packed, element);
}

} // namespace eigenquant
