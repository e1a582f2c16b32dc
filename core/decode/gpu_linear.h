// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/host_layer.h"
#include "kernels/common/gpu.h"
#include "kernels/gemm/column_gemm.h"
#include "kernels/gemm/mixed_gemm.h"

#include <cstdint>
#include <string>

namespace eigenquant {

/// A buffer with the bytes of a contiguous tensor of the CPU; empty for an undefined one.
kernels::GpuBuffer uploaded(const at::Tensor& tensor, kernels::Stream stream);
/// A buffer of its own with the same bytes.
kernels::GpuBuffer copied(const kernels::GpuBuffer& buffer, kernels::Stream stream);

/// Memory that linears of one stream use in turn.
struct LinearScratch {
    void* workspace = nullptr;   ///< mixedGemmWorkspaceBytes(), zeroed once
    void* columns = nullptr;     ///< columnBytes() of the linear that wants most
    void* dequantized = nullptr; ///< dequantizedBytes() of the largest linear; null where none needs it
};

/// y [batch, rows] = x [batch, columns] Wᵀ + bias; strides in elements.
struct LinearCall {
    const void* x = nullptr;
    std::int64_t xStride = 0;
    void* y = nullptr;
    std::int64_t yStride = 0;
    int batch = 0;
};

/// A linear in GPU memory: mixed or with column codes, as the fused kernels read it, or dense for cuBLAS.
class GpuLinear {
public:
    GpuLinear(const HostLinear& host, kernels::Element element, kernels::Stream stream);
    /// The same weights in memory of their own, so that a model of copies is as cold as a real one.
    GpuLinear copy(kernels::Stream stream) const;

    void run(const LinearCall& call, const LinearScratch& scratch, const kernels::GpuTraits& gpu,
             kernels::Stream stream) const;

    /// What run() launches: "sm90 128x64", "cuBLAS f16 (dequantized)".
    std::string kernel(int batch, const kernels::GpuTraits& gpu) const;
    /// What run() needs of LinearScratch::dequantized for some batch up to this one.
    std::size_t dequantizedBytes(int largestBatch, const kernels::GpuTraits& gpu) const;
    /// What run() needs of LinearScratch::columns for any batch up to this one.
    std::size_t columnBytes(int largestBatch, const kernels::GpuTraits& gpu) const;
    /// The most rows of x that a fused kernel takes; more are dequantized first.
    int fusedRows() const;
    std::uint64_t bytes() const { return m_weight.size() + m_bias.size(); }

    const std::string& name() const { return m_name; }
    int rows() const { return m_rows; }
    int firstRow() const { return m_firstRow; }
    std::size_t view() const { return m_view; }

private:
    GpuLinear() = default;
    void runDense(const LinearCall& call, const void* weight, int columns, kernels::Stream stream) const;
    void runColumns(const LinearCall& call, const LinearScratch& scratch, const kernels::GpuTraits& gpu,
                    kernels::Stream stream) const;
    kernels::MixedWeights weights() const;

    std::string m_name, m_note;
    kernels::Element m_element = kernels::Element::F16;
    int m_rows = 0, m_columns = 0, m_firstRow = 0;
    std::size_t m_view = 0;
    std::optional<kernels::MixedLayout> m_layout;
    std::optional<kernels::PackedColumns> m_columnCodes; ///< without its bytes, which are m_weight
    kernels::GpuBuffer m_weight, m_bias;
};

} // namespace eigenquant
