// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/cmpq.h"

#include "core/base/error.h"
#include "core/quant/cmpq_format.h"
#include "core/quant/half_range.h"
#include "core/quant/kmeans_1d.h"
#include "kernels/layout/bit_packing.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

namespace eigenquant {
namespace {

/// Scores of weights by column, then row, as integers of the same order; 0 for a weight that is out of the
/// running.
using Scores = std::vector<std::uint32_t>;

std::uint32_t scoreOf(double score)
{
    return std::bit_cast<std::uint32_t>(static_cast<float>(score)) + 1;
}

/// The indices of the largest scores, rising. Ties go to the lower index.
std::vector<std::int64_t> largest(const Scores& scores, std::int64_t count)
{
    constexpr int shift = 20;
    if (count == 0)
        return {};
    std::vector<std::int64_t> histogram(std::size_t{1} << (32 - shift));
    for (const std::uint32_t score : scores)
        ++histogram[score >> shift];
    std::size_t bucket = histogram.size();
    for (std::int64_t above = 0; above < count;)
        above += histogram[--bucket];
    std::vector<std::int64_t> found;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (scores[i] >> shift >= bucket)
            found.push_back(static_cast<std::int64_t>(i));
    auto before = [&](std::int64_t a, std::int64_t b) {
        const std::uint32_t left = scores[static_cast<std::size_t>(a)],
                            right = scores[static_cast<std::size_t>(b)];
        return left != right ? left > right : a < b;
    };
    std::nth_element(found.begin(), found.begin() + (count - 1), found.end(), before);
    found.resize(static_cast<std::size_t>(count));
    std::sort(found.begin(), found.end());
    return found;
}

/// Finds codebooks and codes of columns, one after the other.
class CmpqColumnCoder {
public:
    /// The codebook, rounded to FP16, of the values whose index is not among `left out` (rising).
    void fit(std::span<const float> column, std::span<const std::int64_t> leftOut, std::int64_t first, int width);
    void useCodebook(std::span<const c10::Half> codebook);
    std::span<const double> codebook() const { return m_codebook; }
    /// The nearest of the codebook; of two the lower.
    std::uint8_t code(double value) const;

private:
    void sortKept();

    LineKmeans m_kmeans;
    std::vector<float> m_kept;
    std::vector<std::uint32_t> m_keys, m_swap;
    std::vector<double> m_codebook, m_middles;
};

void CmpqColumnCoder::fit(std::span<const float> column, std::span<const std::int64_t> leftOut, std::int64_t first,
                      int width)
{
    m_kept.clear();
    std::size_t row = 0;
    for (const std::int64_t index : leftOut) {
        const auto end = static_cast<std::size_t>(index - first);
        m_kept.insert(m_kept.end(), column.begin() + static_cast<std::ptrdiff_t>(row),
                      column.begin() + static_cast<std::ptrdiff_t>(end));
        row = end + 1;
    }
    m_kept.insert(m_kept.end(), column.begin() + static_cast<std::ptrdiff_t>(row), column.end());
    sortKept();
    std::vector<c10::Half> rounded;
    for (const double centroid : m_kmeans.fit(m_kept, 1 << width).centroids)
        rounded.emplace_back(static_cast<float>(centroid));
    useCodebook(rounded);
}

/// By radix: a column is sorted in less time than it takes to cluster it.
void CmpqColumnCoder::sortKept()
{
    constexpr std::uint32_t sign = 0x80000000u;
    m_keys.resize(m_kept.size());
    m_swap.resize(m_kept.size());
    std::transform(m_kept.begin(), m_kept.end(), m_keys.begin(), [](float value) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        return bits & sign ? ~bits : bits | sign;
    });
    for (int shift = 0; shift < 32; shift += 8) {
        std::array<std::uint32_t, 257> places{};
        for (const std::uint32_t key : m_keys)
            ++places[(key >> shift & 0xff) + 1];
        std::partial_sum(places.begin(), places.end(), places.begin());
        for (const std::uint32_t key : m_keys)
            m_swap[places[key >> shift & 0xff]++] = key;
        m_keys.swap(m_swap);
    }
    std::transform(m_keys.begin(), m_keys.end(), m_kept.begin(),
                   [](std::uint32_t key) { return std::bit_cast<float>(key & sign ? key & ~sign : ~key); });
}

void CmpqColumnCoder::useCodebook(std::span<const c10::Half> codebook)
{
    m_codebook.clear();
    m_middles.clear();
    for (const c10::Half value : codebook) {
        if (!m_codebook.empty())
            m_middles.push_back((m_codebook.back() + static_cast<float>(value)) / 2);
        m_codebook.push_back(static_cast<float>(value));
    }
}

std::uint8_t CmpqColumnCoder::code(double value) const
{
    std::size_t code = 0;
    for (std::size_t step = m_codebook.size() / 2; step > 0; step /= 2)
        code += value > m_middles[code + step - 1] ? step : 0;
    return static_cast<std::uint8_t>(code);
}

/// What is known of a linear while it is being quantized. A weight's index is its column times `out` plus its row.
class Quantization {
public:
    Quantization(const at::Tensor& weight, const std::vector<double>& channelEnergy, const CmpqSettings& settings);
    CmpqLinear run();

private:
    std::span<const float> column(std::int64_t channel) const;
    std::span<c10::Half> codebook(std::int64_t channel);
    /// The part of rising indices that lies in a column.
    std::span<const std::int64_t> within(const std::vector<std::int64_t>& indices, std::int64_t channel) const;
    void forColumns(const std::function<void(CmpqColumnCoder&, std::int64_t channel)>& work) const;
    std::vector<std::int64_t> activationOutliers();
    std::vector<std::int64_t> quantizationOutliers(const std::vector<std::int64_t>& before);
    void refitAndEncode(const std::vector<std::int64_t>& second, const std::vector<std::int64_t>& all);
    void storeOutliers(const std::vector<std::int64_t>& outliers);

    CmpqSettings m_settings;
    std::int64_t m_out, m_in;
    at::Tensor m_columns;         ///< float32 [in, out]
    std::vector<double> m_energy; ///< the largest is 1: squared weights times it fit a float32
    Scores m_scores;
    CmpqLinear m_result;
    CmpqOffsets m_offsets;
};

std::vector<double> relative(std::vector<double> energy)
{
    const double most = *std::max_element(energy.begin(), energy.end());
    for (double& value : energy)
        value = most > 0 ? value / most : 0;
    return energy;
}

Quantization::Quantization(const at::Tensor& weight, const std::vector<double>& channelEnergy,
                           const CmpqSettings& settings)
    : m_settings(settings), m_out(weight.size(0)), m_in(weight.size(1)), m_columns(weight.t().contiguous()),
      m_energy(relative(channelEnergy)), m_scores(static_cast<std::size_t>(m_out * m_in)),
      m_result{cmpqWidths(channelEnergy, settings), {}, {}, {}, {}, {}}, m_offsets(m_result.widths, m_out)
{
    m_result.codes = at::empty({static_cast<std::int64_t>(m_offsets.codeBytes)}, at::kByte);
    m_result.codebooks = at::empty({static_cast<std::int64_t>(m_offsets.codebookValues)}, at::kHalf);
}

CmpqLinear Quantization::run()
{
    const std::vector<std::int64_t> first = activationOutliers();
    const std::vector<std::int64_t> second = quantizationOutliers(first);
    std::vector<std::int64_t> all;
    std::merge(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(all));
    refitAndEncode(second, all);
    storeOutliers(all);
    return std::move(m_result);
}

std::span<const float> Quantization::column(std::int64_t channel) const
{
    return {m_columns.const_data_ptr<float>() + channel * m_out, static_cast<std::size_t>(m_out)};
}

std::span<c10::Half> Quantization::codebook(std::int64_t channel)
{
    const auto at = static_cast<std::size_t>(channel);
    return {m_result.codebooks.data_ptr<c10::Half>() + m_offsets.codebooks[at],
            std::size_t{1} << m_result.widths[at]};
}

std::span<const std::int64_t> Quantization::within(const std::vector<std::int64_t>& indices,
                                                   std::int64_t channel) const
{
    const auto begin = std::lower_bound(indices.begin(), indices.end(), channel * m_out);
    return {begin, std::lower_bound(begin, indices.end(), (channel + 1) * m_out)};
}

void Quantization::forColumns(const std::function<void(CmpqColumnCoder&, std::int64_t channel)>& work) const
{
    at::parallel_for(0, m_in, 16, [&](std::int64_t begin, std::int64_t end) {
        CmpqColumnCoder coder;
        for (std::int64_t channel = begin; channel < end; ++channel)
            work(coder, channel);
    });
}

std::vector<std::int64_t> Quantization::activationOutliers()
{
    const std::int64_t count = cmpqOutlierCount(m_settings.activationOutliers, m_out * m_in);
    if (count == 0)
        return {};
    forColumns([&](CmpqColumnCoder&, std::int64_t channel) {
        std::uint32_t* score = m_scores.data() + channel * m_out;
        for (const double value : column(channel))
            *score++ = scoreOf(value * value * m_energy[static_cast<std::size_t>(channel)]);
    });
    return largest(m_scores, count);
}

/// Fits a codebook to every column, and finds the weights that it serves worst.
std::vector<std::int64_t> Quantization::quantizationOutliers(const std::vector<std::int64_t>& before)
{
    forColumns([&](CmpqColumnCoder& coder, std::int64_t channel) {
        const auto leftOut = within(before, channel);
        const auto at = static_cast<std::size_t>(channel);
        coder.fit(column(channel), leftOut, channel * m_out, m_result.widths[at]);
        std::copy(coder.codebook().begin(), coder.codebook().end(), codebook(channel).begin());
        std::uint32_t* score = m_scores.data() + channel * m_out;
        for (const double value : column(channel)) {
            const double error = value - coder.codebook()[coder.code(value)];
            *score++ = scoreOf(error * error * m_energy[at]);
        }
        for (const std::int64_t index : leftOut)
            m_scores[static_cast<std::size_t>(index)] = 0;
    });
    return largest(m_scores, cmpqOutlierCount(m_settings.quantizationOutliers, m_out * m_in));
}

/// Columns that lost weights get a codebook for what remains.
void Quantization::refitAndEncode(const std::vector<std::int64_t>& second, const std::vector<std::int64_t>& all)
{
    forColumns([&](CmpqColumnCoder& coder, std::int64_t channel) {
        const auto at = static_cast<std::size_t>(channel);
        const int width = m_result.widths[at];
        if (within(second, channel).empty()) {
            coder.useCodebook(codebook(channel));
        } else {
            coder.fit(column(channel), within(all, channel), channel * m_out, width);
            std::copy(coder.codebook().begin(), coder.codebook().end(), codebook(channel).begin());
        }
        std::vector<std::uint8_t> codes;
        codes.reserve(static_cast<std::size_t>(m_out));
        for (const float value : column(channel))
            codes.push_back(coder.code(value));
        layout::packRow(codes.data(), codes.size(), width,
                        m_result.codes.data_ptr<std::uint8_t>() + m_offsets.codes[at]);
    });
}

void Quantization::storeOutliers(const std::vector<std::int64_t>& outliers)
{
    const CmpqStorage sizes = cmpqStorage(m_out, m_in, m_settings);
    m_result.outlierCounts = at::empty({m_in, sizes.countBytes}, at::kByte);
    m_result.outlierRows = at::empty({sizes.outlierCount, sizes.rowBytes}, at::kByte);
    m_result.outlierValues = at::empty({sizes.outlierCount}, at::kHalf);
    auto* counts = m_result.outlierCounts.data_ptr<std::uint8_t>();
    for (std::int64_t channel = 0; channel < m_in; ++channel)
        writeCmpqNumber(static_cast<std::uint32_t>(within(outliers, channel).size()),
                        counts + channel * sizes.countBytes, sizes.countBytes);
    auto* rows = m_result.outlierRows.data_ptr<std::uint8_t>();
    auto* values = m_result.outlierValues.data_ptr<c10::Half>();
    for (const std::int64_t index : outliers) {
        writeCmpqNumber(static_cast<std::uint32_t>(index % m_out), rows, sizes.rowBytes);
        rows += sizes.rowBytes;
        *values++ = c10::Half(m_columns.const_data_ptr<float>()[index]);
    }
}

} // namespace

CmpqLinear quantizeCmpq(const at::Tensor& weight, const std::vector<double>& channelEnergy,
                        const CmpqSettings& settings)
{
    if (static_cast<std::int64_t>(channelEnergy.size()) != weight.size(1))
        throw Error::internal("as many energies as input channels are needed");
    if (!weight.abs().le(kLargestHalf).all().item<bool>())
        throw Error::unsupported("weights above 65504 do not fit FP16 codebooks and outliers");
    return Quantization(weight, channelEnergy, settings).run();
}

} // namespace eigenquant
