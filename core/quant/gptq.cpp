// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/gptq.h"

#include "core/base/error.h"
#include "core/quant/feedback_rounder.h"

#include <ATen/Parallel.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace eigenquant {
namespace {

// Rows of a weight that one task rounds: few enough to give the cores even work on the smallest linears.
constexpr std::int64_t kTileRows = 64;

/// Rows [firstRow, …) of a weight on their way to the grid.
class GridTile {
public:
    /// Without an order, grids are fitted on the way; with one, place → column, `result` holds them beforehand and
    /// the weight's columns are in that order.
    GridTile(const at::Tensor& rows, std::int64_t firstRow, const ErrorFeedback& feedback, const GridSpec& grid,
             const std::vector<std::int64_t>* order, const GridCodes& result)
        : m_rows(rows.size(0)), m_columns(rows.size(1)), m_length(grid.groupLength(m_columns)),
          m_groups(grid.groups(m_columns)), m_grid(grid), m_order(order),
          m_grids(static_cast<std::size_t>(rows.size(0))), m_rounder(rows, feedback.upper)
    {
        m_codes = result.codes.data_ptr<std::uint8_t>() + firstRow * m_columns;
        m_scales = result.scales.data_ptr<c10::Half>() + firstRow * m_groups;
        m_zeros = result.zeros.defined() ? result.zeros.data_ptr<std::uint8_t>() + firstRow * m_groups : nullptr;
    }

    void round()
    {
        m_rounder.run(m_length, [this](std::int64_t place, double* values) { roundColumn(place, values); });
    }

private:
    void roundColumn(std::int64_t place, double* values)
    {
        const std::int64_t column = m_order ? (*m_order)[static_cast<std::size_t>(place)] : place;
        if (m_order)
            readGrids(column / m_length);
        else if (column % m_length == 0)
            fitGrids(column / m_length);
        const float top = static_cast<float>((1 << m_grid.bits) - 1);
        for (std::int64_t row = 0; row < m_rows; ++row) {
            const auto [scale, zero] = m_grids[static_cast<std::size_t>(row)];
            const float code = std::clamp(std::nearbyint(static_cast<float>(values[row]) / scale) + zero, 0.f, top);
            values[row] -= static_cast<double>((code - zero) * scale);
            m_codes[row * m_columns + column] = static_cast<std::uint8_t>(code);
        }
    }

    void fitGrids(std::int64_t group)
    {
        const double* first = m_rounder.column(group * m_length);
        std::vector<double> lows(first, first + m_rows), highs = lows;
        for (std::int64_t j = group * m_length; j < std::min((group + 1) * m_length, m_columns); ++j) {
            const double* values = m_rounder.column(j);
            for (std::size_t row = 0; row < lows.size(); ++row) {
                lows[row] = std::min(lows[row], values[row]);
                highs[row] = std::max(highs[row], values[row]);
            }
        }
        for (std::size_t row = 0; row < lows.size(); ++row) {
            m_grids[row] = fitGroup(static_cast<float>(lows[row]), static_cast<float>(highs[row]), m_grid.bits,
                                    m_grid.symmetric);
            const std::int64_t index = static_cast<std::int64_t>(row) * m_groups + group;
            m_scales[index] = c10::Half(m_grids[row].scale);
            if (m_zeros)
                m_zeros[index] = static_cast<std::uint8_t>(m_grids[row].zero);
        }
    }

    void readGrids(std::int64_t group)
    {
        const float middle = static_cast<float>(1 << (m_grid.bits - 1));
        for (std::size_t row = 0; row < m_grids.size(); ++row) {
            const std::int64_t index = static_cast<std::int64_t>(row) * m_groups + group;
            m_grids[row] = {static_cast<float>(m_scales[index]), m_zeros ? static_cast<float>(m_zeros[index]) : middle};
        }
    }

    std::int64_t m_rows, m_columns, m_length, m_groups;
    const GridSpec& m_grid;
    const std::vector<std::int64_t>* m_order;
    std::vector<GroupGrid> m_grids; ///< of the column's group, for each row
    FeedbackRounder m_rounder;
    std::uint8_t* m_codes;
    c10::Half* m_scales;
    std::uint8_t* m_zeros;
};

void roundTiles(const at::Tensor& weight, const ErrorFeedback& feedback, const GridSpec& grid,
                const std::vector<std::int64_t>* order, const GridCodes& result)
{
    const std::int64_t rows = weight.size(0);
    at::parallel_for(0, (rows + kTileRows - 1) / kTileRows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t first = begin * kTileRows; first < std::min(end * kTileRows, rows); first += kTileRows)
            GridTile(weight.narrow(0, first, std::min(kTileRows, rows - first)), first, feedback, grid, order, result)
                .round();
    });
}

void checkChannels(const at::Tensor& weight, std::int64_t channels)
{
    if (channels != weight.size(1))
        throw Error::invalid("a second moment does not fit its linear")
            .expected(std::to_string(weight.size(1)) + " channels")
            .found(std::to_string(channels));
}

} // namespace

GridCodes gptq(const at::Tensor& weight, const ErrorFeedback& feedback, const GridSpec& grid)
{
    checkChannels(weight, feedback.upper.size(0));
    const std::int64_t rows = weight.size(0), columns = weight.size(1), groups = grid.groups(columns);
    GridCodes result{at::empty({rows, columns}, at::kByte), at::empty({rows, groups}, at::kHalf), {}};
    if (!grid.symmetric)
        result.zeros = at::empty({rows, groups}, at::kByte);
    roundTiles(weight, feedback, grid, nullptr, result);
    return result;
}

GridCodes gptq(const at::Tensor& weight, const at::Tensor& moment, const GptqOptions& options)
{
    checkChannels(weight, moment.size(0));
    if (!options.activationOrder)
        return gptq(weight, errorFeedback(moment, options.damping), options.grid);
    const at::Tensor places = at::argsort(moment.diagonal().cpu(), /*stable=*/true, /*dim=*/0, /*descending=*/true);
    const at::Tensor there = places.to(moment.device());
    const std::vector<std::int64_t> order(places.const_data_ptr<std::int64_t>(),
                                          places.const_data_ptr<std::int64_t>() + places.numel());
    const ErrorFeedback feedback =
        errorFeedback(moment.index_select(0, there).index_select(1, there), options.damping);
    const GridCodes result = roundToNearest(weight, options.grid);
    roundTiles(weight.index_select(1, places), feedback, options.grid, &order, result);
    return result;
}

} // namespace eigenquant
