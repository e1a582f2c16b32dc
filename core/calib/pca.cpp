// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/pca.h"

#include "core/device/independent_tasks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

namespace eigenquant {
namespace {

constexpr std::int64_t kVectorStrip = 512; ///< eigenvectors

} // namespace

PrincipalBasis principalBasis(const at::Tensor& moment)
{
    const SerialMath serial;
    const auto [values, vectors] = at::linalg_eigh(moment);
    const std::int64_t size = moment.size(0);
    PrincipalBasis basis{at::empty({size, size}, moment.options()), values.flip(0).clamp_min(0).contiguous()};
    // In strips: a copy of all eigenvectors for each step would be what takes the most memory of an analysis.
    for (std::int64_t begin = 0; begin < size; begin += kVectorStrip) {
        const std::int64_t count = std::min(kVectorStrip, size - begin);
        const at::Tensor strip = vectors.narrow(1, size - begin - count, count).flip(1);
        const at::Tensor largest = strip.gather(0, strip.abs().argmax(0, /*keepdim=*/true));
        basis.vectors.narrow(1, begin, count).copy_(strip * at::where(largest < 0, -1.0, 1.0));
    }
    return basis;
}

std::vector<PrincipalBasis> principalBases(const std::vector<at::Tensor>& moments, int atOnce,
                                           const RunContext& context)
{
    const auto count = static_cast<std::int64_t>(moments.size());
    std::vector<PrincipalBasis> bases(moments.size());
    const auto basisOf = [&](std::int64_t index) {
        context.checkpoint();
        bases[static_cast<std::size_t>(index)] = principalBasis(moments[static_cast<std::size_t>(index)]);
    };
    if (count > 0 && moments.front().is_cuda()) {
        for (std::int64_t index = 0; index < count; ++index)
            basisOf(index);
        return bases;
    }
    for (std::int64_t begin = 0; begin < count; begin += atOnce)
        forEachTask(std::min<std::int64_t>(atOnce, count - begin), [&](std::int64_t i) { basisOf(begin + i); });
    return bases;
}

at::Tensor headWiseBases(const at::Tensor& moment, std::int64_t heads, std::int64_t kvHeads)
{
    const std::int64_t headDim = moment.size(0) / heads;
    const std::int64_t share = heads / kvHeads;
    std::vector<at::Tensor> bases;
    for (std::int64_t group = 0; group < kvHeads; ++group) {
        at::Tensor pooled = at::zeros({headDim, headDim}, moment.options());
        for (std::int64_t head = group * share; head < (group + 1) * share; ++head)
            pooled += moment.narrow(0, head * headDim, headDim).narrow(1, head * headDim, headDim);
        bases.push_back(principalBasis(pooled.cpu()).vectors); // too small to be worth a GPU's launches
    }
    return at::stack(bases);
}

at::Tensor blockDiagonal(const at::Tensor& headBases, std::int64_t heads)
{
    const std::int64_t headDim = headBases.size(1);
    const std::int64_t share = heads / headBases.size(0);
    at::Tensor matrix = at::zeros({heads * headDim, heads * headDim}, headBases.options());
    for (std::int64_t head = 0; head < heads; ++head)
        matrix.narrow(0, head * headDim, headDim).narrow(1, head * headDim, headDim).copy_(headBases[head / share]);
    return matrix;
}

} // namespace eigenquant
