// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"
#include "kernels/layout/mixed_layout.h"

#include <cstdint>
#include <string>

namespace eigenquant::kernels {

/// Which kernel computes a mixed product.
enum class GemmPath : std::uint8_t {
    Simt,     ///< a dot product a row: small batches on any GPU
    Sm80,     ///< mma.sync: any GPU from compute capability 8.0 on
    Sm90,     ///< wgmma and bulk copies: Hopper
    Dequant,  ///< dequantize, then cuBLAS: large batches
};

/// A kernel and its tile: rows of W by rows of x that a block computes at a time.
struct TileChoice {
    GemmPath path = GemmPath::Simt;
    int rows = 0;   ///< a multiple of 64
    int batch = 0;  ///< a multiple of 8 on tensor cores
    int stages = 0; ///< of the pipeline from memory
    int blocks = 0; ///< of the grid: the units of work are split evenly over them
    int cluster = 1; ///< blocks that share the columns of a tile: Sm90 alone
    bool operator==(const TileChoice&) const = default;
    /// For people and reports: "sm90 128x64".
    std::string name() const;
};

/// The fastest tile that is known for a product. A pure function: same arguments, same tile.
TileChoice chooseTile(const MixedLayout& layout, int batch, const GpuTraits& gpu);

} // namespace eigenquant::kernels
