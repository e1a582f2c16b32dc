// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantize_layer.h"

#include "core/device/independent_tasks.h"
#include "core/quant/awq_merge.h"
#include "core/quant/quantize_linear.h"
#include "core/quant/salient.h"
#include "core/quant/site_rotation.h"
#include "core/quant/storage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <optional>

namespace eigenquant {
namespace {

// In an order in which two, three or four equal shares of it take about the same time.
constexpr std::array kTaskOrder{LinearRole::Gate, LinearRole::Up, LinearRole::K, LinearRole::V,
                                LinearRole::Down, LinearRole::Q,  LinearRole::O};
static_assert(kTaskOrder.size() == kAllRoles.size());

/// A site, ready for its linears.
struct PreparedSite {
    SiteRotation rotation;
    at::Tensor moment; ///< in the site's basis, where a linear needs it; else that of the original basis
    std::optional<ErrorFeedback> feedback; ///< where a linear needs that of the whole moment
};

/// On a CPU tasks side by side; a GPU does one after the other, with all threads at what is left to the CPU of each.
template <class Task>
void forEachPart(c10::Device device, std::size_t count, const Task& task)
{
    if (device.is_cpu()) {
        forEachTask(static_cast<std::int64_t>(count), task);
        return;
    }
    for (std::size_t i = 0; i < count; ++i)
        task(static_cast<std::int64_t>(i));
}

template <typename Predicate>
bool anyLinear(const Plan& plan, SiteId site, const Predicate& predicate)
{
    const auto roles = plan.roles();
    return std::any_of(roles.begin(), roles.end(), [&](LinearRole role) {
        return siteOf(role) == site.site && predicate(plan.linear({site.layer, role}));
    });
}

template <typename Predicate>
bool anyLinear(const Plan& plan, int layer, const Predicate& predicate)
{
    return std::any_of(kAllSites.begin(), kAllSites.end(),
                       [&](Site site) { return anyLinear(plan, SiteId{layer, site}, predicate); });
}

int largestSalient(const Plan& plan, SiteId site)
{
    int largest = 0;
    anyLinear(plan, site, [&](const LinearPlan& linear) {
        largest = std::max(largest, linear.salient);
        return false;
    });
    return largest;
}

bool usesFeedback(const LinearPlan& plan)
{
    const bool onGrid = usesGrid(plan.method) && plan.rounding == Rounding::Gptq && !plan.activationOrder;
    return plan.method == Method::Etq || (onGrid && plan.salient == 0);
}

PreparedSite prepareSite(SiteId id, const at::Tensor& moment, const Plan& plan, const ModelConfig& config)
{
    PreparedSite site;
    site.rotation = makeSiteRotation(plan.site(id), moment, largestSalient(plan, id), config, plan.options.seed);
    site.moment = moment;
    const at::Tensor& matrix = site.rotation.matrix;
    if (matrix.defined() && anyLinear(plan, id, needsMoment)) {
        const at::Tensor turned = at::matmul(at::matmul(matrix.t(), moment), matrix);
        site.moment = (turned + turned.t()) / 2;
    }
    if (anyLinear(plan, id, usesFeedback))
        site.feedback = errorFeedback(feedbackMoment(site.moment, plan.site(id).basis));
    return site;
}

/// tr(A M Aᵀ): the mean of ‖xAᵀ‖² over the calibration tokens. float32 products, which a report's six digits
/// need no more of, take half the time; the sum is float64.
double outputEnergy(const at::Tensor& matrix, const at::Tensor& moment)
{
    const at::Tensor product = moment.dim() == 1 ? matrix * moment : at::matmul(matrix, moment);
    return (product * matrix).sum(at::kDouble).item<double>();
}

/// ‖XΔW‖² / ‖XW‖² of what is stored, both sides in the original basis.
double outputError(const at::Tensor& weight, const PackedLinear& packed, const SiteRotation& rotation,
                   const at::Tensor& moment)
{
    const c10::Device device = moment.device();
    at::Tensor stored = unpackLinear(packed, device);
    if (rotation.matrix.defined()) {
        const at::Tensor applied = appliedRotation(rotation.parts, stored.size(1));
        stored = at::matmul(stored, (applied.defined() ? applied.to(device) : rotation.matrix.to(at::kFloat)).t());
    }
    const at::Tensor narrow = moment.to(at::kFloat);
    const at::Tensor wanted = weight.to(device);
    const double energy = outputEnergy(wanted, narrow);
    return energy > 0 ? outputEnergy(wanted - stored, narrow) / energy : 0;
}

PackedLinear packInBasis(const at::Tensor& weight, const PreparedSite& site, const LinearPlan& plan,
                         const SitePlan& sitePlan, const std::vector<double>& fisher, std::uint64_t seed,
                         const RunContext& context, const LinearObserver& observe)
{
    LinearInput input;
    const at::Tensor& matrix = site.rotation.matrix;
    input.weight = matrix.defined()
                       ? at::matmul(weight.to(matrix.device()).to(at::kDouble), matrix).to(at::kFloat)
                       : weight;
    if (observe || !roundsByTensors(plan))
        input.weight = input.weight.cpu();
    input.moment = site.moment;
    input.energy = site.rotation.energy;
    input.salient = salientChannels(site.rotation.energy, sitePlan.select, plan.salient, seed, sitePlan.id);
    input.salientLeads = salientLeads(sitePlan);
    input.basis = sitePlan.basis;
    input.feedback = site.feedback ? &*site.feedback : nullptr;
    input.outputFisher = fisher;
    if (observe)
        observe(plan.id, input.weight, input.salient);
    return quantizeLinear(input, plan, context);
}

} // namespace

PackedLayer quantizeLayer(LayerInput input, const Plan& plan, const ModelConfig& config, const RunContext& context,
                          std::vector<LinearOutcome>& outcomes, const LinearObserver& observe)
{
    if (anyLinear(plan, input.index, [](const LinearPlan& linear) { return linear.method == Method::Awq; }))
        for (LinearWeights& linear : input.weights.linears)
            linear.weight = linear.weight.defined() ? linear.weight.cpu() : linear.weight;
    mergeAwqScales(input, plan, config);
    PackedLayer packed{input.weights, {}, {}}; // its vectors
    std::array<PreparedSite, kAllSites.size()> sites;
    const c10::Device device = input.moments.front().device();
    forEachPart(device, kAllSites.size(), [&](std::int64_t i) {
        context.checkpoint();
        const auto site = static_cast<std::size_t>(i);
        sites[site] = prepareSite({input.index, kAllSites[site]}, input.moments[site], plan, config);
        packed.sites[site] = sites[site].rotation.parts;
    });
    context.checkpoint();
    if (const at::Tensor& blocks = sites[static_cast<std::size_t>(Site::AttnOut)].rotation.headBlocks; blocks.defined())
        turnHeads(input.weights.linear(LinearRole::V), blocks);
    std::array<LinearOutcome, kAllRoles.size()> results;
    forEachPart(device, kTaskOrder.size(), [&](std::int64_t i) {
        const LinearRole role = kTaskOrder[static_cast<std::size_t>(i)];
        const auto index = static_cast<std::size_t>(role), site = static_cast<std::size_t>(siteOf(role));
        if (!input.weights.linear(role).weight.defined()) // an MLP without a gate
            return;
        const LinearPlan& linear = plan.linear({input.index, role});
        const LinearWeights& weights = input.weights.linear(role);
        PackedLinear& result = packed.linears[index];
        result = packInBasis(weights.weight, sites[site], linear, plan.site(linear.id.site()),
                             input.outputFisher[index], plan.options.seed, context, observe);
        result.bias = weights.bias;
        results[index] = {linear.id, linear.effectiveBits, linear.rotationBits, linear.bytes, linear.predictedError,
                          outputError(weights.weight, result, sites[site].rotation, input.moments[site])};
    });
    context.checkpoint();
    for (const LinearRole role : plan.roles())
        outcomes.push_back(results[static_cast<std::size_t>(role)]);
    return packed;
}

} // namespace eigenquant
