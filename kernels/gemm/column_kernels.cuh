// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/gemm/column_plan.h"
#include "kernels/layout/pack_columns.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

/// What the column kernels take.
namespace eigenquant::kernels::columns {

/// A product: pointers, and the layout as tables by width, [0] unused and [9] the end.
struct KernelParams {
    const unsigned char* codes;         ///< as column_layout.h says
    const unsigned char* tables;        ///< codebooks or levels
    const std::uint32_t* outlierBegins; ///< [strips·blocks + 1] or null
    const std::uint32_t* outliers;
    const std::uint16_t* x; ///< [batch][columns] elements
    std::int64_t xStride;
    float* partials; ///< [grid + groups][batch][256]
    int batch, blocks, groups, strips;
    int firstBlock[kMaxColumnWidth + 2];
    int counts[kMaxColumnWidth + 2];
    int tileBytes[kMaxColumnWidth + 2], tableBytes[kMaxColumnWidth + 2];
    std::size_t codeStart[kMaxColumnWidth + 2];  ///< bytes of a strip before the width's
    std::size_t tableStart[kMaxColumnWidth + 2]; ///< bytes of codebooks before the width's
    int levelsAt[kMaxColumnWidth + 2];           ///< shared memory: see column_plan.h
    int stagesAt, patchesAt, stages, stageBytes;
    int tablesAt, listsAt; ///< within a stage
    int copiedWidth;
    bool bf16;
};

/// The sums of a product's parts.
struct SumParams {
    const float* partials;  ///< [grid + groups][batch][256]
    const float* rowScales; ///< [64·strips] or null
    const float* bias;      ///< [rows] or null
    std::uint16_t* y;       ///< [batch][rows] elements
    std::int64_t yStride;
    int rows, batch, groups, blocks, grid;
    bool bf16;
};

/// All but x, its batch and the workspace.
inline KernelParams kernelParams(const ColumnWeights& weights, const Plan& plan)
{
    const ColumnLayout& layout = weights.layout;
    KernelParams params{};
    params.codes = static_cast<const unsigned char*>(weights.codes);
    params.tables = static_cast<const unsigned char*>(weights.tables);
    params.outlierBegins = weights.outlierBegins;
    params.outliers = weights.outliers;
    params.blocks = layout.blocks();
    params.groups = layout.groups();
    params.strips = layout.strips();
    int levels = plan.copiedWidth > 0 ? kCopiedLevelBytes : 0; // the copies come first
    for (int width = 1; width <= kMaxColumnWidth + 1; ++width) {
        const int block = layout.firstBlock(width);
        params.firstBlock[width] = block;
        params.codeStart[width] = layout.stripOffset(block);
        params.tableStart[width] = layout.codebookOffset(block);
        if (width > kMaxColumnWidth)
            break;
        params.counts[width] = layout.counts[static_cast<std::size_t>(width)];
        params.tileBytes[width] = layout.tileBytes(width);
        params.tableBytes[width] = layout.tableBytes(width);
        if (params.counts[width] == 0 || width == plan.copiedWidth)
            continue;
        params.levelsAt[width] = levels;
        levels += kLevels * 2;
    }
    params.stagesAt = plan.levelBytes;
    params.patchesAt = plan.levelBytes + plan.stagesBytes();
    params.stages = plan.stages;
    params.stageBytes = plan.stageBytes;
    params.listsAt = listOffset(layout, plan.batchTile);
    params.tablesAt = params.listsAt - kTileColumns * layout.tableBytes(layout.widest());
    params.copiedWidth = plan.copiedWidth;
    params.bf16 = weights.element == Element::BF16;
    return params;
}

__device__ inline void storeElement(std::uint16_t* to, float value, bool bf16)
{
    if (bf16)
        *reinterpret_cast<__nv_bfloat16*>(to) = __float2bfloat16_rn(value);
    else
        *reinterpret_cast<__half*>(to) = __float2half_rn(value);
}

} // namespace eigenquant::kernels::columns
