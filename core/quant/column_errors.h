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
/// logarithm of the group size. `in` is the number of columns.
std::vector<double> columnErrorsAt(const ColumnErrors& errors, const std::vector<int>& groupSizes, int bits,
                                   int groupSize);

} // namespace eigenquant
