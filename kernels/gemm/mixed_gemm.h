// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"
#include "kernels/common/half.h"
#include "kernels/gemm/tile_choice.h"
#include "kernels/layout/mixed_layout.h"

#include <cstdint>

namespace eigenquant::kernels {

/// A mixed linear in memory, of the GPU or (for the CPU twin) of the host.
struct MixedWeights {
    MixedLayout layout;
    const void* blocks = nullptr;        ///< layout.bytes(), as mixed_layout.h says; 16-byte aligned
    const float* rowScales = nullptr;    ///< [64·strips], Coding::Codebook only
    const std::uint16_t* codebook = nullptr; ///< [2^bits] elements, Coding::Codebook only
};

/// y = x Wᵀ + bias, less nothing: the fused product of one linear.
struct MixedGemm {
    MixedWeights weights;
    Element element = Element::F16; ///< of x, y, salient weights and codebook; sums are float32
    const void* x = nullptr;        ///< [batch, columns], rows of `xStride` elements; salient channels first
    std::int64_t xStride = 0;       ///< a multiple of 8; x is 16-byte aligned
    void* y = nullptr;              ///< [batch, rows], rows of `yStride` elements
    std::int64_t yStride = 0;
    const float* bias = nullptr;    ///< [rows], or null
    int batch = 0;
    void* workspace = nullptr;      ///< mixedGemmWorkspaceBytes(), zeroed once; linears of one stream may share it
};

/// What any product on this GPU needs for partial sums: bytes.
std::size_t mixedGemmWorkspaceBytes(const GpuTraits& gpu);

/// Runs it on the stream, with the tile that chooseTile() gave or any other that suits the shape. Throws
/// std::invalid_argument for parameters that contradict each other, GpuError for a launch that fails.
void mixedGemm(const MixedGemm& gemm, const TileChoice& tile, Stream stream);

/// What a kernel multiplies where codes lie on a grid.
enum class GridWeights : std::uint8_t {
    Rounded, ///< (code - zero)·scale as numbers of the element type
    Exact,   ///< code - zero, whose sums are scaled in float32
};

/// The CPU twin: the truth that the kernels are tested against. All pointers are the host's.
void mixedGemmCpu(const MixedGemm& gemm, GridWeights grid = GridWeights::Rounded);

/// Writes W [rows, columns] as elements, rows of `stride`: for batches that are large enough for cuBLAS.
void dequantizeMixed(const MixedWeights& weights, Element element, void* out, std::int64_t stride, Stream stream);
void dequantizeMixedCpu(const MixedWeights& weights, Element element, std::uint16_t* out, std::int64_t stride);

} // namespace eigenquant::kernels
