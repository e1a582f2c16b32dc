// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/awq.h"

#include "core/base/error.h"
#include "core/quant/half_range.h"
#include "core/quant/subtract_product.h"
#include "core/quant/wide_loops.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/diag_embed.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace eigenquant {
namespace {

// As published: no scale is smaller than this before all are normalised, and ranges shrink by 5 % at a time.
constexpr double kSmallestScale = 1e-4;
constexpr int kClipSteps = 20;
constexpr int kMostClipSteps = 10; // a range is never cut to half or less

// Rows of a weight that one task measures, side by side in memory, and channels whose errors meet at once.
constexpr std::int64_t kTileRows = 64;
constexpr std::int64_t kStrip = 128;
static_assert(kTileRows % kProductWidth == 0);

using RowValues = std::array<float, kTileRows>;
using RowSums = std::array<double, kTileRows>;

/// The grid of one group for each row of a tile.
struct TileGrids {
    RowValues scales, zeros;

    void set(std::size_t row, const GroupGrid& grid)
    {
        scales[row] = grid.scale;
        zeros[row] = grid.zero;
    }
};

/// Lowest and highest weight of a group for each row of a tile.
struct TileRange {
    RowValues lows, highs;

    TileRange(const float* values, std::int64_t channels)
    {
        std::copy(values, values + kTileRows, lows.begin());
        highs = lows;
        for (const float* value = values; value < values + channels * kTileRows; value += kTileRows)
            for (std::size_t row = 0; row < kTileRows; ++row) {
                lows[row] = std::min(lows[row], value[row]);
                highs[row] = std::max(highs[row], value[row]);
            }
    }

    TileGrids fit(float share, const GridSpec& spec) const
    {
        TileGrids grids;
        for (std::size_t row = 0; row < kTileRows; ++row)
            grids.set(row, fitGroup(lows[row] * share, highs[row] * share, spec.bits, spec.symmetric));
        return grids;
    }
};

/// Codes and errors, value less its rounded value, of a group: all [channels, kTileRows].
EIGENQUANT_WIDE void roundGroup(const float* values, std::int64_t channels, const TileGrids& grids, float top,
                                float* codes, float* errors)
{
    // Adding and taking away 1.5·2^23 rounds as nearbyint does, in a form that every vector unit has.
    constexpr float kRound = 12582912.f;
    for (std::int64_t j = 0; j < channels; ++j)
        for (std::int64_t row = 0; row < kTileRows; ++row) {
            const std::int64_t i = j * kTileRows + row;
            const float scale = grids.scales[static_cast<std::size_t>(row)];
            const float zero = grids.zeros[static_cast<std::size_t>(row)];
            const float code = (values[i] / scale + kRound) - kRound + zero;
            codes[i] = code < 0 ? 0 : (code > top ? top : code);
            errors[i] = values[i] - (codes[i] - zero) * scale;
        }
}

/// tr(ΔMΔᵀ), row by row.
class ErrorMeter {
public:
    /// Holds the upper triangle of the symmetric M in float32, twice what is off the diagonal: half of the products.
    explicit ErrorMeter(const at::Tensor& moment)
        : m_moment((moment.triu(1) * 2 + at::diag_embed(moment.diagonal())).to(at::kFloat).contiguous()),
          m_rows{m_moment.const_data_ptr<float>(), moment.size(0)}
    {
    }

    /// What errors [count, kTileRows] in the channels from `begin` on cost each row.
    RowSums measure(const float* errors, std::int64_t begin, std::int64_t count) const
    {
        RowSums sums{};
        std::array<float, kStrip * kTileRows> products;
        for (std::int64_t first = 0; first < count; first += kStrip) {
            const std::int64_t last = std::min(first + kStrip, count);
            products.fill(0);
            subtractProduct(Rows<float>{products.data(), kTileRows},
                            {m_rows.row(begin) + begin + first, m_rows.stride}, {errors, kTileRows}, last - first,
                            kTileRows, last);
            const float* own = errors + first * kTileRows;
            for (std::int64_t i = 0; i < (last - first) * kTileRows; ++i)
                sums[static_cast<std::size_t>(i % kTileRows)] -=
                    static_cast<double>(own[i]) * static_cast<double>(products[static_cast<std::size_t>(i)]);
        }
        return sums;
    }

private:
    at::Tensor m_moment;
    Rows<const float> m_rows;
};

/// Rows of a weight in tiles, filled up with zeros: float32 [tiles, columns, kTileRows].
at::Tensor tilesOf(const at::Tensor& weight)
{
    const std::int64_t rows = weight.size(0), columns = weight.size(1), tiles = (rows + kTileRows - 1) / kTileRows;
    at::Tensor padded = at::zeros({tiles * kTileRows, columns}, at::kFloat);
    padded.narrow(0, 0, rows).copy_(weight);
    return padded.view({tiles, kTileRows, columns}).transpose(1, 2).contiguous();
}

void checkChannels(const at::Tensor& weight, const at::Tensor& moment)
{
    if (moment.size(0) != weight.size(1))
        throw Error::invalid("a second moment does not fit its linear")
            .expected(std::to_string(weight.size(1)) + " channels")
            .found(std::to_string(moment.size(0)));
}

/// E[x_j²], the mean over the query heads that must share a scale.
std::vector<double> sharedEnergies(const at::Tensor& moment, const HeadSharing& sharing)
{
    const at::Tensor diagonal = moment.diagonal().clamp_min(0).contiguous();
    std::vector<double> energies(diagonal.const_data_ptr<double>(),
                                 diagonal.const_data_ptr<double>() + diagonal.numel());
    if (sharing.heads == sharing.kvHeads)
        return energies;
    const std::size_t headDim = energies.size() / static_cast<std::size_t>(sharing.heads);
    const std::size_t share = static_cast<std::size_t>(sharing.heads / sharing.kvHeads);
    for (std::size_t first = 0; first < energies.size(); first += share * headDim)
        for (std::size_t i = first; i < first + headDim; ++i) {
            double sum = 0;
            for (std::size_t head = 0; head < share; ++head)
                sum += energies[i + head * headDim];
            for (std::size_t head = 0; head < share; ++head)
                energies[i + head * headDim] = sum / static_cast<double>(share);
        }
    return energies;
}

std::vector<float> scalesOf(const std::vector<double>& energies, double ratio)
{
    std::vector<double> scales(energies.size(), 1);
    double least = 0, most = 0;
    for (std::size_t j = 0; j < scales.size(); ++j) {
        if (energies[j] == 0)
            continue;
        scales[j] = std::max(std::pow(energies[j], ratio / 2), kSmallestScale);
        least = least == 0 ? scales[j] : std::min(least, scales[j]);
        most = std::max(most, scales[j]);
    }
    const double middle = least == 0 ? 1 : std::sqrt(least * most);
    std::vector<float> result(scales.size(), 1);
    for (std::size_t j = 0; j < result.size(); ++j)
        if (energies[j] != 0)
            result[j] = static_cast<float>(scales[j] / middle);
    return result;
}

/// Whether scaled weights, of which `largest` are each channel's largest, have FP16 scales on any grid.
bool fitsHalf(const at::Tensor& largest, const std::vector<float>& scales)
{
    const float* values = largest.const_data_ptr<float>();
    for (std::size_t j = 0; j < scales.size(); ++j)
        if (!(2 * values[j] * scales[j] <= kLargestHalf))
            return false;
    return true;
}

/// The output error of a tile [columns, kTileRows] that is rounded with scales.
double scaledError(const float* tile, const std::vector<float>& scales, const GridSpec& grid, const ErrorMeter& meter)
{
    const std::int64_t columns = static_cast<std::int64_t>(scales.size()), length = grid.groupLength(columns);
    std::vector<float> scaled(scales.size() * kTileRows), codes(scaled.size()), errors(scaled.size());
    for (std::size_t i = 0; i < scaled.size(); ++i)
        scaled[i] = tile[i] * scales[i / kTileRows];
    const float top = static_cast<float>((1 << grid.bits) - 1);
    for (std::int64_t begin = 0; begin < columns; begin += length) {
        const std::int64_t count = std::min(length, columns - begin), offset = begin * kTileRows;
        const TileGrids grids = TileRange(scaled.data() + offset, count).fit(1, grid);
        roundGroup(scaled.data() + offset, count, grids, top, codes.data() + offset, errors.data() + offset);
    }
    for (std::size_t i = 0; i < errors.size(); ++i)
        errors[i] /= scales[i / kTileRows];
    double sum = 0;
    for (const double row : meter.measure(errors.data(), 0, columns))
        sum += row;
    return sum;
}

/// Of the clipped ranges of one group, the grid with the least error for each row.
TileGrids bestClipping(const float* values, std::int64_t begin, std::int64_t count, const GridSpec& grid,
                       const ErrorMeter& meter)
{
    const TileRange range(values, count);
    const float top = static_cast<float>((1 << grid.bits) - 1);
    std::vector<float> codes(static_cast<std::size_t>(count * kTileRows)), errors(codes.size());
    TileGrids best;
    RowSums least;
    for (int step = 0; step < kMostClipSteps; ++step) {
        const TileGrids grids = range.fit(1 - static_cast<float>(step) / kClipSteps, grid);
        roundGroup(values, count, grids, top, codes.data(), errors.data());
        const RowSums sums = meter.measure(errors.data(), begin, count);
        for (std::size_t row = 0; row < kTileRows; ++row)
            if (step == 0 || sums[row] < least[row]) {
                least[row] = sums[row];
                best.set(row, {grids.scales[row], grids.zeros[row]});
            }
    }
    return best;
}

/// Rounds one group of the rows of one tile to the best of its clipped grids.
void roundClippedGroup(const float* values, std::int64_t firstRow, std::int64_t group, const GridSpec& grid,
                       const ErrorMeter& meter, const GridCodes& result)
{
    const std::int64_t columns = result.codes.size(1), begin = group * grid.groupLength(columns);
    const std::int64_t count = std::min(grid.groupLength(columns), columns - begin), groups = grid.groups(columns);
    const TileGrids grids = bestClipping(values, begin, count, grid, meter);
    std::vector<float> codes(static_cast<std::size_t>(count * kTileRows)), errors(codes.size());
    roundGroup(values, count, grids, static_cast<float>((1 << grid.bits) - 1), codes.data(), errors.data());
    auto* allCodes = result.codes.data_ptr<std::uint8_t>();
    for (std::int64_t row = firstRow; row < std::min(firstRow + kTileRows, result.codes.size(0)); ++row) {
        const auto place = static_cast<std::size_t>(row - firstRow);
        result.scales.data_ptr<c10::Half>()[row * groups + group] = c10::Half(grids.scales[place]);
        if (result.zeros.defined())
            result.zeros.data_ptr<std::uint8_t>()[row * groups + group] = static_cast<std::uint8_t>(grids.zeros[place]);
        for (std::int64_t j = 0; j < count; ++j)
            allCodes[row * columns + begin + j] =
                static_cast<std::uint8_t>(codes[static_cast<std::size_t>(j * kTileRows) + place]);
    }
}

} // namespace

AwqSearch searchAwqScales(const std::vector<at::Tensor>& weights, const at::Tensor& moment, const GridSpec& grid,
                          const HeadSharing& sharing, int steps)
{
    for (const at::Tensor& reader : weights)
        checkChannels(reader, moment);
    const at::Tensor weight = at::cat(weights), largest = weight.abs().amax(0).contiguous();
    const at::Tensor tiles = tilesOf(weight);
    const ErrorMeter meter(moment);
    const std::vector<double> energies = sharedEnergies(moment, sharing);
    AwqSearch best;
    std::vector<double> errors(static_cast<std::size_t>(tiles.size(0)));
    for (int step = 0; step < std::max(steps, 1); ++step) {
        const double ratio = static_cast<double>(step) / std::max(steps, 1);
        const std::vector<float> scales = scalesOf(energies, ratio);
        if (step > 0 && !fitsHalf(largest, scales))
            continue;
        at::parallel_for(0, tiles.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t tile = begin; tile < end; ++tile)
                errors[static_cast<std::size_t>(tile)] =
                    scaledError(tiles.const_data_ptr<float>() + tile * tiles.stride(0), scales, grid, meter);
        });
        double error = 0;
        for (const double part : errors)
            error += part;
        if (step == 0)
            best.unscaledError = error;
        if (step == 0 || error < best.error)
            best = {scales, ratio, error, best.unscaledError};
    }
    return best;
}

GridCodes roundClipped(const at::Tensor& weight, const at::Tensor& moment, const GridSpec& grid)
{
    checkChannels(weight, moment);
    const std::int64_t rows = weight.size(0), columns = weight.size(1), groups = grid.groups(columns);
    GridCodes result{at::empty({rows, columns}, at::kByte), at::empty({rows, groups}, at::kHalf), {}};
    if (!grid.symmetric)
        result.zeros = at::empty({rows, groups}, at::kByte);
    const at::Tensor tiles = tilesOf(weight);
    const ErrorMeter meter(moment);
    at::parallel_for(0, tiles.size(0) * groups, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t task = begin; task < end; ++task) {
            const std::int64_t tile = task / groups, group = task % groups;
            const float* values = tiles.const_data_ptr<float>() + tile * tiles.stride(0) +
                                  group * grid.groupLength(columns) * kTileRows;
            roundClippedGroup(values, tile * kTileRows, group, grid, meter, result);
        }
    });
    return result;
}

} // namespace eigenquant
