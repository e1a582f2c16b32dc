// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/decode/attention_launch.cuh"

#include <stdexcept>

namespace eigenquant::kernels {
namespace {

void checkShape(const AttentionParams& params)
{
    const KvCache& cache = params.cache;
    if (cache.headDim < 32 || cache.headDim > 256 || cache.headDim % 8 != 0)
        throw std::invalid_argument("attention: heads of 32 to 256 dimensions, a multiple of 8; found " +
                                    std::to_string(cache.headDim));
    if (cache.kvHeads < 1 || params.heads % cache.kvHeads != 0)
        throw std::invalid_argument("attention: " + std::to_string(params.heads) + " heads do not share " +
                                    std::to_string(cache.kvHeads) + " KV heads evenly");
    if (!inEights(params.out, params.outStride))
        throw std::invalid_argument("attention: rows of the output must be 16-byte aligned");
}

} // namespace

std::size_t attentionWorkspaceBytes(int, int tokens, int, int headDim, int, const GpuTraits& gpu)
{
    return tokens == 1 ? attentionWorkspace(headDim, gpu.multiprocessors).bytes : 0;
}

void attention(const AttentionParams& params, const GpuTraits& gpu, Stream stream)
{
    checkShape(params);
    if (params.sequences < 1 || params.tokens < 1)
        return;
    if (params.tokens == 1)
        decodeAttention(params, gpu, stream);
    else
        prefillAttention(params, stream);
}

} // namespace eigenquant::kernels
