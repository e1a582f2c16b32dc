// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace eigenquant {

/// Rounds columns from left to right and feeds their errors forward (see ErrorFeedback). In recursive halves instead
/// of blocks of one width: each error then reaches later columns in the largest matrix product that there is for it.
class FeedbackRounder {
public:
    /// Reads a column's values, [rows], and leaves their rounding errors in their place.
    using RoundColumn = std::function<void(std::int64_t column, double* values)>;

    /// The columns of a weight, float32 or float64 [rows, columns]; U, float64 [columns, columns].
    FeedbackRounder(const at::Tensor& weight, const at::Tensor& upper);

    /// Calls `round` for columns 0, 1, …. When it is called for the first column of a unit of so many, all columns
    /// of the unit have the errors of all columns before it made up for.
    void run(std::int64_t unit, const RoundColumn& round);

    /// The values of a column as they are now, [rows].
    const double* column(std::int64_t index) const { return m_values + index * m_stride; }

private:
    void roundRange(std::int64_t begin, std::int64_t end, std::int64_t unit, const RoundColumn& round);
    void roundLeaf(std::int64_t begin, std::int64_t end, const RoundColumn& round);
    void feedForward(std::int64_t begin, std::int64_t middle, std::int64_t end);

    at::Tensor m_storage, m_upper;
    double* m_values;
    const double* m_feedback;
    std::int64_t m_columns;
    std::int64_t m_stride; ///< rows, filled up with zeros to a whole number of vectors
};

} // namespace eigenquant
