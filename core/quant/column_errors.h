// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// The group sizes that rounding errors are measured at; 0 is the whole row.
const std::vector<int>& measuredGroupSizes();

/// Squared norms and round-to-nearest errors of every column of a weight, float32 [out, in], at each width and
/// measured group size, on the asymmetric grid with all columns quantized. Where the weight is: a GPU computes what
/// columnErrorsByTensors does.
ColumnErrors measureColumnErrors(const at::Tensor& weight);

/// The same within the rounding of sums over rows, by operations on whole tensors, on any device.
ColumnErrors columnErrorsByTensors(const at::Tensor& weight);

/// The squared rounding error of each column at a width and any group size: measured, or interpolated in the
/// logarithm of the group size. A view of `errors`.
class ColumnErrorsAt {
public:
    ColumnErrorsAt(const ColumnErrors& errors, const std::vector<int>& groupSizes, int bits, int groupSize);
    double operator[](std::size_t column) const
    {
        const double upper = (*m_upper)[column];
        return m_share == 1 ? upper : (1 - m_share) * (*m_lower)[column] + m_share * upper;
    }

private:
    const std::vector<float>* m_lower;
    const std::vector<float>* m_upper;
    double m_share = 1; ///< of the upper one
};

} // namespace eigenquant
