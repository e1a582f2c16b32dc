// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/grid.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace eigenquant {

/// What a second moment's diagonal is raised by, in units of its mean, unless something else is asked for.
constexpr double kDamping = 0.01;

/// How the rounding error of one column is made up for by later columns, GPTQ (arXiv 2210.17323) and, the same
/// thing, LDLQ (QuIP, arXiv 2307.13304). With M' = M + c·I = V D Vᵀ, V unit upper triangular and D diagonal:
/// columns are rounded from left to right, and the error e_j = w_j - q_j of column j moves every later column k
/// to w_k - e_j·U_jk, U = V⁻¹. The error of the output is then tr(ΔM'Δᵀ) = Σ_j D_j ‖e_j‖².
struct ErrorFeedback {
    at::Tensor upper;    ///< U, float64 [channels, channels], unit upper triangular
    at::Tensor variance; ///< D, float64 [channels]: what a unit of squared error in a column costs after feedback
    double damping = 0;  ///< c, in units of the mean diagonal of M: what was asked for, or what it took
};

/// The feedback that belongs to a second moment, float64 [channels, channels], symmetric, with `damping` times the
/// mean of its diagonal added to the diagonal. A moment that is not positive definite then is damped tenfold, and
/// again, up to once the mean; Error::invalid if that does not do, or if it is not finite. Channels that never
/// fire neither give nor get feedback. A moment of zeros gives none at all, and a variance of zero.
ErrorFeedback errorFeedback(const at::Tensor& moment, double damping = kDamping);

/// The same, within rounding, by a Cholesky factorization on the moment's device, which is what errorFeedback()
/// does on a GPU. The result is on the CPU.
ErrorFeedback choleskyFeedback(const at::Tensor& moment, double damping = kDamping);

/// Rounds one column at a time to whatever `round` makes of it. It is called for columns 0, 1, … in order, on the
/// calling thread, with the column's values after feedback, `target` [out], and writes what they become, `rounded`
/// [out]. The weight is float32 or float64 [out, in]; the result float32 [out, in].
at::Tensor roundColumns(const at::Tensor& weight, const ErrorFeedback& feedback,
                        const std::function<void(std::int64_t column, const float* target, float* rounded)>& round);

struct GptqOptions {
    GridSpec grid;
    /// Columns in order of falling energy instead of their own. The grids of the groups are then fitted to the
    /// weights as they were ("static groups"), so that the stored layout stays the same.
    bool activationOrder = false;
    double damping = kDamping; ///< in units of the mean diagonal of the moment
};

/// GPTQ (arXiv 2210.17323) of a weight, float32 [out, in], with the second moment of what it reads, float64 [in, in].
/// Each group's grid is fitted when its first column is reached, to the weights as changed so far.
GridCodes gptq(const at::Tensor& weight, const at::Tensor& moment, const GptqOptions& options);

/// The same with a feedback made beforehand, for linears that read the same site. Not for activationOrder, whose
/// feedback belongs to the channels in another order.
GridCodes gptq(const at::Tensor& weight, const ErrorFeedback& feedback, const GridSpec& grid);

} // namespace eigenquant
