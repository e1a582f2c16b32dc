// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"

#include <cmath>

/// How far a kernel may be from its CPU twin: one rule a dtype, for every test of kernels.
namespace eigenquant::tests {

/// Of a sum Σ wᵢxᵢ that is rounded to 16 bits at its end: a unit in its last place, since the last bit of the sum
/// may tip the rounding, and the rounding of the float32 sums, which grows with what is added up, not with what
/// comes out. `magnitude` is Σ |wᵢxᵢ| or a bound of it. One weight or index that is wrong changes a sum of n terms
/// by about magnitude/n, which is far more than 2^-19 of it for the n here.
inline double productTolerance(kernels::Element element, double expected, double magnitude)
{
    const double unit = element == kernels::Element::F16 ? 0x1p-10 : 0x1p-7;
    const double smallest = element == kernels::Element::F16 ? 0x1p-24 : 0x1p-133; // of the subnormal numbers
    return unit * std::fabs(expected) + 0x1p-19 * magnitude + smallest;
}

/// Of attention, whose weights p ≤ 1 with Σ p = 1 meet the values as 16-bit numbers: half a unit of each weight, on
/// values of at most `largest`, and as above a unit of the result.
inline double attentionTolerance(kernels::Element element, double expected, double largest)
{
    return productTolerance(element, expected, largest) +
           (element == kernels::Element::F16 ? 0x1p-11 : 0x1p-8) * largest;
}

/// Of a step that rounds twice, whose first rounding may be tipped.
inline double twiceRoundedTolerance(kernels::Element element, double expected)
{
    return 2 * productTolerance(element, expected, std::fabs(expected));
}

} // namespace eigenquant::tests
