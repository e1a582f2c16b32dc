// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"
#include "kernels/common/half.h"
#include "kernels/layout/pack_columns.h"

#include <cstddef>
#include <cstdint>
#include <string>

/// Products with linears whose columns have widths and codes of their own: CMPQ (a codebook a column, outliers)
/// and ETQ (a trellis code a column, a scale a row).
namespace eigenquant::kernels {

/// y = x Wᵀ + bias. Outliers are weights of W like any other: there is no second kernel for them.
struct ColumnGemm {
    ColumnWeights weights;    ///< its element is that of x and y; sums are float32
    const void* x = nullptr;  ///< [batch, layout.paddedColumns()] in PackedColumns::order, finite
    std::int64_t xStride = 0; ///< a multiple of 8; x is 16-byte aligned
    void* y = nullptr;        ///< [batch, rows], rows of `yStride` elements
    std::int64_t yStride = 0;
    const float* bias = nullptr; ///< [rows], or null
    int batch = 0;
    void* workspace = nullptr; ///< columnGemmWorkspaceBytes(), 16-byte aligned; linears of one stream may share it
};

/// What a product of up to that many rows of x needs for partial sums: bytes. Grows with layout.groups() and with
/// `batch` up to 64, not beyond. Nothing needs to be zeroed.
std::size_t columnGemmWorkspaceBytes(const ColumnLayout& layout, int batch, const GpuTraits& gpu);

/// Queues it. std::invalid_argument for parameters that contradict each other, GpuError for a launch that fails.
/// More than 64 rows of x are computed 64 at a time, and the weights decoded anew each time: dequantizeColumns()
/// and cuBLAS are faster then.
void columnGemm(const ColumnGemm& gemm, const GpuTraits& gpu, Stream stream);

/// The kernel that a product runs, for reports: "columns codebooks 256x16".
std::string columnGemmName(const ColumnLayout& layout, int batch);

/// The CPU twin: the truth that the kernels are tested against. All pointers are the host's; no workspace.
void columnGemmCpu(const ColumnGemm& gemm);

/// Writes W [rows, layout.paddedColumns()] as elements, rows of `stride`, the columns in the order of x, fillers
/// zero, rows' scales multiplied in.
void dequantizeColumns(const ColumnWeights& weights, void* out, std::int64_t stride, Stream stream);
void dequantizeColumnsCpu(const ColumnWeights& weights, std::uint16_t* out, std::int64_t stride);

} // namespace eigenquant::kernels
