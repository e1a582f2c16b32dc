// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/weight_ranges.h"

#include "core/calib/channel_powers.h"
#include "core/quant/quantize_layer.h"
#include "core/quant/salient.h"
#include "core/session/layer_inputs.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace eigenquant {
namespace {

constexpr int kBins = 121; // odd, so that 0 is the middle of a bin

/// The columns of each group, salient ones as the first.
std::vector<std::vector<int>> groupsOf(const std::vector<int>& salient, int columns, int groupSize)
{
    std::vector<std::vector<int>> groups;
    if (!salient.empty())
        groups.push_back(salient);
    const std::vector<int> rest = remainingChannels(salient, columns);
    const auto size = static_cast<std::size_t>(groupSize);
    for (std::size_t begin = 0; begin < rest.size(); begin += size)
        groups.emplace_back(rest.begin() + static_cast<std::ptrdiff_t>(begin),
                            rest.begin() + static_cast<std::ptrdiff_t>(std::min(begin + size, rest.size())));
    return groups;
}

GroupRange rangeOf(const at::Tensor& weight, const std::vector<int>& columns)
{
    const at::Tensor part = weight.index_select(1, at::tensor(at::ArrayRef<int>(columns), at::kInt));
    const at::Tensor least = part.amin(1), largest = part.amax(1);
    return {.firstColumn = columns.front(),
            .columns = static_cast<int>(columns.size()),
            .least = least.min().item<double>(),
            .largest = largest.max().item<double>(),
            .meanWidth = (largest - least).mean(at::kDouble).item<double>()};
}

WeightDistribution distributionOf(const at::Tensor& weight, const std::vector<std::vector<int>>& groups,
                                  bool salientFirst, double lower, double upper)
{
    const at::Tensor rows = weight.contiguous();
    const float* values = rows.const_data_ptr<float>();
    WeightDistribution result;
    result.histogram.assign(kBins, 0);
    double first = 0, second = 0, third = 0, fourth = 0;
    const double scale = upper > lower ? kBins / (upper - lower) : 0;
    for (std::int64_t i = 0; i < rows.numel(); ++i) {
        const double value = values[i], square = value * value;
        ++result.histogram[static_cast<std::size_t>(std::clamp((value - lower) * scale, 0.0, kBins - 1.0))];
        first += value;
        second += square;
        third += square * value;
        fourth += square * square;
    }
    const auto count = static_cast<double>(rows.numel());
    result.least = rows.min().item<double>();
    result.largest = rows.max().item<double>();
    result.meanSquare = second / count;
    result.kurtosis = kurtosisOf(first, second, third, fourth, count);
    if (result.kurtosis == 0)
        result.kurtosis = std::numeric_limits<double>::quiet_NaN();
    for (const auto& columns : groups)
        result.groups.push_back(rangeOf(rows, columns));
    if (!result.groups.empty())
        result.groups.front().salient = salientFirst;
    return result;
}

/// Of float32 [out, in] as they are, turned into the plan's basis, and as they are stored of that. `salient` are the
/// columns of the basis that stay FP16, rising.
WeightRanges makeWeightRanges(const at::Tensor& original, const at::Tensor& turned, const PackedLinear& packed,
                              const std::vector<int>& salient)
{
    const at::Tensor stored = unpackLinear(packed);
    const int columns = static_cast<int>(turned.size(1));
    WeightRanges ranges{.plan = packed.plan};
    const bool hasGroups = usesGrid(packed.plan.method) && packed.plan.groupSize > 0;
    ranges.groupSize = hasGroups ? packed.plan.groupSize : columns;
    double reach = 0;
    for (const at::Tensor* weight : {&original, &turned, &stored})
        reach = std::max(reach, weight->abs().max().item<double>());
    ranges.lower = -reach;
    ranges.upper = reach;
    const auto groups = groupsOf(salient, columns, ranges.groupSize);
    ranges.original = distributionOf(original, groupsOf({}, columns, ranges.groupSize), false, -reach, reach);
    ranges.turned = distributionOf(turned, groups, !salient.empty(), -reach, reach);
    ranges.stored = distributionOf(stored, groups, !salient.empty(), -reach, reach);
    return ranges;
}

} // namespace

WeightRanges measureWeightRanges(const ModelAssets& model, const std::filesystem::path& stats, Plan plan,
                                 LinearId linear, const RunContext& context)
{
    const LayerInputs inputs(model, stats);
    inputs.accept(plan);
    if (inputs.needsText())
        throw Error::usage("the statistics hold no second moments")
            .file(stats.string())
            .hint("analyze without --no-moments");
    context.report("quantizing", "layers", 0, 1);
    const auto source = inputs.source(plan);
    at::Tensor turned;
    std::vector<int> salient;
    const LinearObserver observe = [&](LinearId seen, const at::Tensor& weight, const std::vector<int>& kept) {
        if (seen != linear)
            return;
        turned = weight.clone();
        salient = kept;
    };
    std::vector<LinearOutcome> outcomes;
    const PackedLayer packed = quantizeLayer(inputs.layer(linear.layer, plan, *source), plan, source->config(), context,
                                             outcomes, observe);
    context.report("quantizing", "layers", 1, 1);
    const auto role = static_cast<std::size_t>(linear.role);
    const at::Tensor original = model.source->layer(linear.layer).linear(linear.role).weight;
    WeightRanges ranges = makeWeightRanges(original, turned, packed.linears[role], salient);
    ranges.basis = plan.site(linear.site()).basis;
    ranges.outputError = outcomes[role].outputError;
    return ranges;
}

} // namespace eigenquant
