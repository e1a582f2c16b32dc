// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace eigenquant {

constexpr float kLargestHalf = 65504.f;
constexpr float kSmallestHalf = 0x1p-24f; ///< the smallest subnormal: a scale that rounds to zero becomes this

} // namespace eigenquant
