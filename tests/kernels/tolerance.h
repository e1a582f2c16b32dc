// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"

#include <cmath>

/// How far a kernel may be from its CPU twin: one rule a dtype, for every test of kernels.
namespace eigenquant::tests {

/// Of a sum Σ wᵢxᵢ that is rounded to 16 bits at its end: the rounding of the result, one unit in its last place
/// since a difference in the last bit of the sum may tip it, and the rounding of float32 sums, which grows with
/// what is added up, not with what comes out. `magnitude` is Σ |wᵢxᵢ| of that sum: an index that is off by one, or
/// a weight that is, changes a sum of n random terms by about magnitude/n^0.5 or magnitude/n, which is far more
/// for the n here.
inline double productTolerance(kernels::Element element, double expected, double magnitude)
{
    const double unit = element == kernels::Element::F16 ? 0x1p-10 : 0x1p-7;
    const double smallest = element == kernels::Element::F16 ? 0x1p-24 : 0x1p-133; // of the subnormal numbers
    return unit * std::fabs(expected) + 0x1p-20 * magnitude + smallest;
}

} // namespace eigenquant::tests
