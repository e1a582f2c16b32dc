// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantize_linear.h"

#include "core/device/serial_math.h"
#include "core/quant/awq.h"
#include "core/quant/channel_index.h"
#include "core/quant/etq.h"
#include "core/quant/gptq.h"
#include "core/quant/packed_cmpq.h"
#include "core/quant/salient.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/matmul.h>

namespace eigenquant {
namespace {

constexpr double kShrinkOriginal = 0.5;
constexpr double kShrinkTurned = 0.1;

/// A weight split into what goes on the grid and what stays FP16. With GPTQ the salient channels, which are exact to
/// FP16, make up for what errors of the others they can: what is left to these is the moment M_rr - M_rs M_ss⁻¹ M_sr.
struct Split {
    at::Tensor rest, salient; ///< channel indices
    at::Tensor makeUp;        ///< M_rs M_ss⁻¹, float64 [rest, K]
    at::Tensor restMoment;    ///< float64 [rest, rest], on the moment's device
};

Split splitMoment(const at::Tensor& moment, const std::vector<int>& salient)
{
    Split split;
    split.salient = channelIndex(salient);
    split.rest = channelIndex(remainingChannels(salient, static_cast<int>(moment.size(0))));
    const at::Tensor rest = split.rest.to(moment.device()), salientThere = split.salient.to(moment.device());
    const at::Tensor restRows = moment.index_select(0, rest);
    split.restMoment = restRows.index_select(1, rest);
    if (salient.empty())
        return split;
    const at::Tensor cross = restRows.index_select(1, salientThere);
    at::Tensor kept = moment.index_select(0, salientThere).index_select(1, salientThere);
    kept = kept + kDamping * kept.diagonal().mean() * at::eye(kept.size(0), kept.options());
    const SerialMath serial;
    const at::Tensor makeUp = at::linalg_solve(kept, cross.t()).t();
    split.restMoment = split.restMoment - at::matmul(makeUp, cross.t());
    split.restMoment = (split.restMoment + split.restMoment.t()) / 2;
    split.makeUp = makeUp.cpu();
    return split;
}

GridCodes roundRest(const at::Tensor& weight, const at::Tensor& moment, const ErrorFeedback* feedback,
                    const LinearPlan& plan)
{
    const GridSpec grid{plan.gridBits(), plan.groupSize, plan.symmetric};
    if (plan.rounding == Rounding::Gptq)
        return feedback && !plan.activationOrder ? gptq(weight, *feedback, grid)
                                                 : gptq(weight, moment, {grid, plan.activationOrder, kDamping});
    return plan.clip ? roundClipped(weight, moment.cpu(), grid) : roundToNearest(weight, grid);
}

PackedLinear quantizeOnGrid(const LinearInput& input, const LinearPlan& plan)
{
    if (input.salient.empty()) {
        const bool needsOwn = plan.rounding == Rounding::Gptq && (!input.feedback || plan.activationOrder);
        const at::Tensor moment = needsOwn ? feedbackMoment(input.moment, input.basis) : input.moment;
        return packGrid(input.weight, plan, {}, roundRest(input.weight, moment, input.feedback, plan), true);
    }
    if (!needsMoment(plan)) {
        const at::Tensor rest = channelIndex(remainingChannels(input.salient, static_cast<int>(input.weight.size(1))))
                                    .to(input.weight.device());
        return packGrid(input.weight, plan, input.salient,
                        roundRest(input.weight.index_select(1, rest), {}, nullptr, plan), input.salientLeads);
    }
    const bool feedsBack = plan.rounding == Rounding::Gptq;
    const Split split =
        splitMoment(feedsBack ? feedbackMoment(input.moment, input.basis) : input.moment, input.salient);
    const at::Tensor rest = input.weight.index_select(1, split.rest);
    const GridCodes codes = roundRest(rest, split.restMoment, nullptr, plan);
    at::Tensor weight = input.weight;
    if (feedsBack) {
        const at::Tensor error = rest - dequantize(codes, {plan.gridBits(), plan.groupSize, plan.symmetric});
        weight = weight.index_add(1, split.salient, at::matmul(error.to(at::kDouble), split.makeUp).to(at::kFloat));
    }
    return packGrid(weight, plan, input.salient, codes, input.salientLeads);
}

} // namespace

at::Tensor feedbackMoment(const at::Tensor& moment, Basis basis)
{
    const double share = basis == Basis::Original ? kShrinkOriginal : kShrinkTurned;
    at::Tensor shrunk = moment.clone();
    shrunk.diagonal().mul_(1 + share);
    return shrunk;
}

bool needsMoment(const LinearPlan& plan)
{
    return plan.method == Method::Etq || plan.method == Method::Awq ||
           (usesGrid(plan.method) && (plan.rounding == Rounding::Gptq || plan.clip));
}

bool roundsByTensors(const LinearPlan& plan)
{
    return plan.method == Method::Float || (usesGrid(plan.method) && !needsMoment(plan));
}

PackedLinear quantizeLinear(const LinearInput& input, const LinearPlan& plan, const RunContext& context)
{
    switch (plan.method) {
    case Method::Float:
        return packFloat(input.weight, plan);
    case Method::Cmpq:
        return packCmpq(input.weight, input.energy, plan);
    case Method::Etq:
        return quantizeEtq(input.weight,
                           input.feedback ? *input.feedback
                                          : errorFeedback(feedbackMoment(input.moment, input.basis), kDamping),
                           input.outputFisher, plan, context);
    default:
        return quantizeOnGrid(input, plan);
    }
}

} // namespace eigenquant
