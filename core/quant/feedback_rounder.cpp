// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/feedback_rounder.h"

#include "core/quant/gptq.h"
#include "core/quant/subtract_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

namespace eigenquant {
namespace {

// Columns that are made up for one at a time; further ones are in products.
constexpr std::int64_t kLeafColumns = 8;
// Rows that one task updates, and the multiplications that are worth waking another thread for.
constexpr std::int64_t kUpdateRows = 128;
constexpr std::int64_t kTaskProducts = 1 << 20;
static_assert(kUpdateRows % kProductWidth == 0);

} // namespace

FeedbackRounder::FeedbackRounder(const at::Tensor& weight, const at::Tensor& upper)
    : m_upper(upper.contiguous()), m_columns(weight.size(1)),
      m_stride((weight.size(0) + kProductWidth - 1) / kProductWidth * kProductWidth)
{
    m_storage = at::zeros({m_columns, m_stride}, at::kDouble);
    m_storage.narrow(1, 0, weight.size(0)).copy_(weight.t());
    m_values = m_storage.data_ptr<double>();
    m_feedback = m_upper.const_data_ptr<double>();
}

void FeedbackRounder::run(std::int64_t unit, const RoundColumn& round)
{
    roundRange(0, m_columns, unit, round);
}

void FeedbackRounder::roundRange(std::int64_t begin, std::int64_t end, std::int64_t unit, const RoundColumn& round)
{
    const std::int64_t count = end - begin;
    if (count <= kLeafColumns) {
        roundLeaf(begin, end, round);
        return;
    }
    // Whole units as long as there are several, then whole leaves.
    const std::int64_t step = count > unit ? unit : kLeafColumns;
    const std::int64_t steps = (count + step - 1) / step;
    const std::int64_t middle = begin + steps / 2 * step;
    roundRange(begin, middle, unit, round);
    feedForward(begin, middle, end);
    roundRange(middle, end, unit, round);
}

void FeedbackRounder::roundLeaf(std::int64_t begin, std::int64_t end, const RoundColumn& round)
{
    for (std::int64_t j = begin; j < end; ++j) {
        double* error = m_values + j * m_stride;
        round(j, error);
        for (std::int64_t k = j + 1; k < end; ++k) {
            const double share = m_feedback[j * m_columns + k];
            double* later = m_values + k * m_stride;
            for (std::int64_t row = 0; row < m_stride; ++row)
                later[row] -= share * error[row];
        }
    }
}

/// The errors of columns [begin, middle) to the values of columns [middle, end).
void FeedbackRounder::feedForward(std::int64_t begin, std::int64_t middle, std::int64_t end)
{
    const std::int64_t products = (middle - begin) * (end - middle) * kUpdateRows;
    const std::int64_t grain = std::max<std::int64_t>(kTaskProducts / products, 1);
    const std::int64_t tiles = (m_stride + kUpdateRows - 1) / kUpdateRows;
    at::parallel_for(0, tiles, grain, [&](std::int64_t firstTile, std::int64_t lastTile) {
        for (std::int64_t row = firstTile * kUpdateRows; row < std::min(lastTile * kUpdateRows, m_stride);
             row += kUpdateRows)
            subtractProduct({m_values + middle * m_stride + row, m_stride},
                            {m_feedback + begin * m_columns + middle, m_columns},
                            {m_values + begin * m_stride + row, m_stride}, end - middle,
                            std::min(kUpdateRows, m_stride - row), middle - begin);
    });
}

at::Tensor roundColumns(const at::Tensor& weight, const ErrorFeedback& feedback,
                        const std::function<void(std::int64_t column, const float* target, float* rounded)>& round)
{
    const std::int64_t rows = weight.size(0), columns = weight.size(1);
    at::Tensor result = at::empty({columns, rows}, at::kFloat);
    std::vector<float> target(static_cast<std::size_t>(rows));
    FeedbackRounder(weight, feedback.upper).run(kLeafColumns, [&](std::int64_t column, double* values) {
        float* rounded = result.data_ptr<float>() + column * rows;
        std::copy(values, values + rows, target.begin());
        round(column, target.data(), rounded);
        for (std::int64_t row = 0; row < rows; ++row)
            values[row] -= static_cast<double>(rounded[row]);
    });
    return result.t().contiguous();
}

} // namespace eigenquant
