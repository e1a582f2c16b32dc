// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/pca.h"

#include "core/device/serial_math.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <vector>

namespace eigenquant {

PrincipalBasis principalBasis(const at::Tensor& moment)
{
    const SerialMath serial;
    auto [values, vectors] = at::linalg_eigh(moment);
    values = values.flip(0).clamp_min(0);
    vectors = vectors.flip(1);
    const at::Tensor largest = vectors.gather(0, vectors.abs().argmax(0, /*keepdim=*/true));
    vectors = vectors * at::where(largest < 0, -1.0, 1.0);
    return {vectors.contiguous(), values.contiguous()};
}

std::vector<PrincipalBasis> principalBases(const std::vector<at::Tensor>& moments, const RunContext& context)
{
    std::vector<PrincipalBasis> bases(moments.size());
    at::parallel_for(0, static_cast<std::int64_t>(moments.size()), 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            context.checkpoint();
            bases[static_cast<std::size_t>(i)] = principalBasis(moments[static_cast<std::size_t>(i)]);
        }
    });
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
        bases.push_back(principalBasis(pooled).vectors);
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
