// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// The principal directions of a second moment M = R Λ Rᵀ.
struct PrincipalBasis {
    at::Tensor vectors; ///< R, float64 [d, d]: columns are eigenvectors, by falling eigenvalue
    at::Tensor values;  ///< λ, float64 [d], falling, not below 0
};

/// Eigenvectors of a symmetric M, float64 [d, d], where M is: a GPU factorizes in float64, too. Each is signed so
/// that its largest component is positive: runs agree, to the bit, whatever the number of threads. ROSAQ (arXiv
/// 2506.13472), section 3.
PrincipalBasis principalBasis(const at::Tensor& moment);

/// Those of several moments of one device, so many at once on a CPU. Stoppable.
std::vector<PrincipalBasis> principalBases(const std::vector<at::Tensor>& moments, int atOnce,
                                           const RunContext& context);

/// One basis for each key/value head, from the second moment of what `o` reads, float64
/// [heads·headDim, heads·headDim]: query heads that share a key/value head share its basis, because the
/// rotation is merged into the rows of v. Returns float64 [kvHeads, headDim, headDim], on the CPU.
at::Tensor headWiseBases(const at::Tensor& moment, std::int64_t heads, std::int64_t kvHeads);

/// The block-diagonal rotation of all query heads, float64 [heads·headDim, heads·headDim].
at::Tensor blockDiagonal(const at::Tensor& headBases, std::int64_t heads);

} // namespace eigenquant
