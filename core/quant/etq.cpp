// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/etq.h"

#include "core/base/error.h"
#include "core/quant/half_range.h"
#include "core/quant/trellis.h"
#include "kernels/layout/bit_packing.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <queue>
#include <span>

namespace eigenquant {
namespace {

constexpr int kWidthBits = 4;

std::int64_t streamBytes(std::int64_t out, std::int64_t in, std::int64_t totalWidth)
{
    const std::int64_t bits = in * kTrellisStateBits + (out - 1) * totalWidth;
    return (bits + 7) / 8;
}

/// The root mean square of each row: the scale that brings its weights to the variance that the code is made for.
at::Tensor rowScales(const at::Tensor& weight, LinearId id)
{
    // Rows of zeros divide by the smallest scale.
    return toHalf(weight.square().mean(1).sqrt().clamp_min(kSmallestHalf), id);
}

/// How much an error in a row's code costs, relative to the others.
std::vector<float> rowImportance(const at::Tensor& scales, const std::vector<double>& outputFisher)
{
    std::vector<double> importance(static_cast<std::size_t>(scales.numel()));
    double sum = 0;
    for (std::size_t i = 0; i < importance.size(); ++i) {
        const double scale = static_cast<double>(scales.const_data_ptr<float>()[i]);
        importance[i] = scale * scale * (outputFisher.empty() ? 1 : outputFisher[i]);
        sum += importance[i];
    }
    std::vector<float> result(importance.size(), 1);
    for (std::size_t i = 0; sum > 0 && i < result.size(); ++i)
        result[i] = static_cast<float>(importance[i] / sum * static_cast<double>(result.size()));
    return result;
}

/// Rounds the columns of one weight as they come, and gathers their streams.
class EtqColumnCoder {
public:
    EtqColumnCoder(std::span<const float> scales, std::vector<float> importance,
                   const std::vector<std::uint8_t>& widths, std::span<std::uint8_t> stream,
                   const RunContext& context)
        : m_context(context), m_scales(scales), m_importance(std::move(importance)), m_widths(widths),
          m_stream(stream), m_target(scales.size()), m_windows(scales.size())
    {
    }

    void operator()(std::int64_t column, const float* target, float* rounded)
    {
        m_context.checkpoint();
        const TrellisCode& code = TrellisCode::ofWidth(m_widths[static_cast<std::size_t>(column)]);
        for (std::size_t i = 0; i < m_scales.size(); ++i)
            m_target[i] = target[i] / m_scales[i];
        code.encode(m_target, m_importance, m_windows, m_workspace);
        for (std::size_t i = 0; i < m_scales.size(); ++i)
            rounded[i] = code.levels()[m_windows[i]] * m_scales[i];
        appendWindows(m_windows, code.width(), m_stream, m_bit);
    }

private:
    const RunContext& m_context;
    std::span<const float> m_scales;
    std::vector<float> m_importance;
    const std::vector<std::uint8_t>& m_widths;
    std::span<std::uint8_t> m_stream;
    std::uint64_t m_bit = 0;
    std::vector<float> m_target;
    std::vector<std::uint16_t> m_windows;
    TrellisCode::Workspace m_workspace;
};

at::Tensor packWidths(const std::vector<std::uint8_t>& widths)
{
    at::Tensor packed = at::empty(
        {static_cast<std::int64_t>(layout::packedRowBytes(widths.size(), kWidthBits))}, at::kByte);
    layout::packRow(widths.data(), widths.size(), kWidthBits, packed.data_ptr<std::uint8_t>());
    return packed;
}

} // namespace

std::vector<std::uint8_t> etqColumnWidths(const PackedLinear& packed)
{
    std::vector<std::uint8_t> widths(static_cast<std::size_t>(packed.inFeatures));
    layout::unpackRow(packed.part("widths").const_data_ptr<std::uint8_t>(), widths.size(), kWidthBits, widths.data());
    std::int64_t total = 0;
    for (const std::uint8_t width : widths) {
        if (width < kMinTrellisWidth || width > kMaxTrellisWidth)
            throw Error::invalid("a column's width is not one of a trellis code")
                .field(packed.plan.id.name() + ".widths")
                .found(std::to_string(width))
                .expected("1 to 8");
        total += width;
    }
    if (total != etqTotalWidth(packed.plan.bits, packed.inFeatures))
        throw Error::invalid("the columns' widths do not add up to what the plan says")
            .field(packed.plan.id.name() + ".widths")
            .found(std::to_string(total))
            .expected(std::to_string(etqTotalWidth(packed.plan.bits, packed.inFeatures)));
    return widths;
}

std::int64_t etqTotalWidth(double bits, std::int64_t in)
{
    return std::llround(bits * static_cast<double>(in));
}

std::vector<PartSpec> etqParts(const LinearPlan& linear, std::int64_t out, std::int64_t in)
{
    return {{"scales", StoredType::F16, {out}},
            {"widths", StoredType::U8, {(in * kWidthBits + 7) / 8}},
            {"codes", StoredType::U8, {streamBytes(out, in, etqTotalWidth(linear.bits, in))}}};
}

std::vector<std::uint8_t> etqWidths(const std::vector<double>& variance, std::int64_t total)
{
    struct Gain {
        double gain;
        std::size_t column;
        bool operator<(const Gain& other) const
        {
            return gain != other.gain ? gain < other.gain : column > other.column;
        }
    };
    const auto gainOf = [&](std::size_t column, int width) {
        return variance[column] *
               (TrellisCode::ofWidth(width).distortion() - TrellisCode::ofWidth(width + 1).distortion());
    };
    std::vector<std::uint8_t> widths(variance.size(), kMinTrellisWidth);
    std::priority_queue<Gain> gains;
    for (std::size_t column = 0; column < widths.size(); ++column)
        gains.push({gainOf(column, kMinTrellisWidth), column});
    // Distortions fall by a smaller step each time, so the best next bit is always part of the best allocation.
    for (auto left = total - static_cast<std::int64_t>(widths.size()) * kMinTrellisWidth;
         left > 0 && !gains.empty(); --left) {
        const std::size_t column = gains.top().column;
        gains.pop();
        if (++widths[column] < kMaxTrellisWidth)
            gains.push({gainOf(column, widths[column]), column});
    }
    return widths;
}

double etqDistortion(double bits)
{
    const int low = std::clamp(static_cast<int>(bits), kMinTrellisWidth, kMaxTrellisWidth);
    const int high = std::min(low + 1, kMaxTrellisWidth);
    const double share = bits - low;
    return (1 - share) * TrellisCode::ofWidth(low).distortion() + share * TrellisCode::ofWidth(high).distortion();
}

PackedLinear quantizeEtq(const at::Tensor& weight, const ErrorFeedback& feedback,
                         const std::vector<double>& outputFisher, const LinearPlan& plan, const RunContext& context)
{
    const std::int64_t out = weight.size(0), in = weight.size(1);
    const at::Tensor stored = rowScales(weight, plan.id);
    const at::Tensor scales = stored.to(at::kFloat);
    const at::Tensor variance = feedback.variance.contiguous();
    const auto widths = etqWidths({variance.const_data_ptr<double>(), variance.const_data_ptr<double>() + in},
                                  etqTotalWidth(plan.bits, in));
    at::Tensor codes = at::zeros({streamBytes(out, in, etqTotalWidth(plan.bits, in))}, at::kByte);
    EtqColumnCoder coder({scales.const_data_ptr<float>(), static_cast<std::size_t>(out)},
                      rowImportance(scales, outputFisher), widths,
                      {codes.data_ptr<std::uint8_t>(), static_cast<std::size_t>(codes.numel())}, context);
    roundColumns(weight, feedback, std::ref(coder));
    return {plan, out, in, {{"scales", stored}, {"widths", packWidths(widths)}, {"codes", codes}}, {}};
}

at::Tensor unpackEtq(const PackedLinear& packed)
{
    const std::vector<std::uint8_t> widths = etqColumnWidths(packed);
    const std::int64_t out = packed.outFeatures, in = packed.inFeatures;
    const at::Tensor& codes = packed.part("codes");
    const std::span stream(codes.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(codes.numel()));
    std::vector<std::uint64_t> begin(widths.size() + 1);
    for (std::size_t j = 0; j < widths.size(); ++j)
        begin[j + 1] = begin[j] + trellisBits(static_cast<std::uint64_t>(out), widths[j]);
    at::Tensor columns = at::empty({in, out}, at::kFloat);
    float* values = columns.data_ptr<float>();
    at::parallel_for(0, in, 8, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t j = first; j < last; ++j) {
            const auto width = static_cast<std::uint64_t>(widths[static_cast<std::size_t>(j)]);
            const auto levels = TrellisCode::ofWidth(static_cast<int>(width)).levels();
            for (std::int64_t i = 0; i < out; ++i) {
                const std::uint64_t bit = begin[static_cast<std::size_t>(j)] + static_cast<std::uint64_t>(i) * width;
                values[j * out + i] = levels[static_cast<std::size_t>(windowAt(stream, bit))];
            }
        }
    });
    return (columns.t() * packed.part("scales").to(at::kFloat).unsqueeze(1)).contiguous();
}

} // namespace eigenquant
