// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace eigenquant {

/// Columns of `result` and `right` below must be a multiple of this.
inline constexpr std::int64_t kProductWidth = 32;

/// A matrix by rows that lies in a larger one.
template <class Value>
struct Rows {
    Value* data;
    std::int64_t stride; ///< from row to row, in values

    Value* row(std::int64_t index) const { return data + index * stride; }
};

/// result -= leftᵀ·right on the calling thread: left [depth, rows], right [depth, columns], result [rows, columns],
/// columns a multiple of kProductWidth. The terms of a sum are added in one order whatever the number of threads
/// or the shape of the rest, which a BLAS does not promise. `result` must not overlap the others.
void subtractProduct(Rows<double> result, Rows<const double> left, Rows<const double> right, std::int64_t rows,
                     std::int64_t columns, std::int64_t depth);
void subtractProduct(Rows<float> result, Rows<const float> left, Rows<const float> right, std::int64_t rows,
                     std::int64_t columns, std::int64_t depth);

} // namespace eigenquant
