// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>

namespace eigenquant {

/// tr(ΔMΔᵀ) of an error Δ [out, in] and a second moment M, float64 [in, in].
inline double outputError(const at::Tensor& difference, const at::Tensor& moment)
{
    const at::Tensor wide = difference.to(at::kDouble);
    return (at::matmul(wide, moment) * wide).sum().item<double>();
}

inline double largest(const at::Tensor& values)
{
    return values.abs().max().item<double>();
}

} // namespace eigenquant
