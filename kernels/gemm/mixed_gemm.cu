// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/mixed_gemm.h"

#include "kernels/common/current_gpu.h"
#include "kernels/gemm/paths.h"

#include <stdexcept>
#include <string>

namespace eigenquant::kernels {

std::size_t mixedGemmWorkspaceBytes(const GpuTraits& gpu)
{
    return kWorkspaceCounterBytes + static_cast<std::size_t>(gpu.multiprocessors) * kPartialBytesPerProcessor;
}

void checkWorkspace(std::int64_t tiles, int blocks, std::size_t partialBytes)
{
    const std::size_t needed = 2 * static_cast<std::size_t>(blocks) * partialBytes;
    const std::size_t room = static_cast<std::size_t>(currentMultiprocessors()) * kPartialBytesPerProcessor;
    if (tiles > kWorkspaceCounters || needed > room)
        throw std::invalid_argument("mixed product: " + std::to_string(tiles) + " tiles on " +
                                    std::to_string(blocks) + " blocks need " + std::to_string(needed) +
                                    " bytes of partial sums, there are " + std::to_string(room) + " and " +
                                    std::to_string(kWorkspaceCounters) + " counters");
}

void mixedGemm(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    checkMixedGemm(gemm);
    if (!gemm.workspace)
        throw std::invalid_argument("mixed product: the workspace is null");
    if (!isMixedGemmTile(tile, gemm.batch))
        throw std::invalid_argument("mixed product: no kernel for the tile " + tile.name() + ", " +
                                    std::to_string(tile.stages) + " stages, " + std::to_string(tile.blocks) +
                                    " blocks, at batch " + std::to_string(gemm.batch));
    switch (tile.path) {
    case GemmPath::Simt:
        return mixedGemmSimt(gemm, tile, stream);
    case GemmPath::Sm80:
        return mixedGemmSm80(gemm, tile, stream);
    case GemmPath::Sm90:
        return mixedGemmSm90(gemm, tile, stream);
    case GemmPath::Dequant:
        break; // refused above: the caller dequantizes and multiplies densely
    }
}

} // namespace eigenquant::kernels
