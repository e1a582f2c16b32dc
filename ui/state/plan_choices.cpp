// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/plan_choices.h"

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

bool takesRounding(Method method)
{
    return usesGrid(method) && method != Method::Rtn && method != Method::Gptq;
}

} // namespace

KnownStatistics KnownStatistics::of(const ModelStatistics& statistics)
{
    return {.rotations = !statistics.normsOnly,
            .globalRotation = !statistics.normsOnly && !statistics.sites.empty() &&
                              !statistics.sites.front().globalEnergy.empty(),
            .divergence = !statistics.linears.empty() &&
                          std::ranges::none_of(statistics.linears, [](const LinearStatistics& linear) {
                              return linear.outputFisher.empty();
                          })};
}

std::vector<Method> methodsFor(const KnownStatistics& known)
{
    if (!known.rotations)
        return {Method::Cmpq, Method::Salient, Method::Rtn, Method::Float};
    return {Method::Rosaq, Method::Etq,     Method::RandRot, Method::Gptq, Method::Awq,
            Method::Cmpq,  Method::Salient, Method::Rtn,     Method::Float};
}

PlanOptions startingOptions(const ModelStatistics& statistics)
{
    return PlanOptions::of(statistics.normsOnly ? Method::Cmpq : Method::Rosaq);
}

PlanFields fieldsOf(const PlanOptions& options, const KnownStatistics& known)
{
    const Method method = options.method;
    const bool grid = usesGrid(method);
    const bool turns = rotates(method) && options.basis != RotationKind::None;
    PlanFields fields;
    fields.targetBits = method != Method::Float && known.divergence;
    const bool allocated = fields.targetBits && options.targetBits > 0;
    fields.bits = method != Method::Float && !allocated;
    fields.groupSize = fields.symmetric = grid;
    fields.rounding = takesRounding(method) && known.rotations;
    const Rounding rounding = fields.rounding ? options.rounding : PlanOptions::of(method).rounding;
    fields.activationOrder = grid && rounding == Rounding::Gptq;
    fields.clip = method == Method::Awq && rounding == Rounding::Rtn;
    fields.salient = keepsSalient(method) && !allocated;
    fields.select = keepsSalient(method);
    fields.basis = rotates(method);
    fields.scope = turns && known.globalRotation;
    fields.treatments = turns;
    fields.mixRest = method == Method::Rosaq && options.basis == RotationKind::Pca;
    fields.cmpq = method == Method::Cmpq;
    return fields;
}

PlanOptions heeded(const PlanOptions& options, const KnownStatistics& known)
{
    const PlanFields fields = fieldsOf(options, known);
    const auto take = [&options](bool isHeeded, auto PlanOptions::*setting, PlanOptions& result) {
        if (isHeeded)
            result.*setting = options.*setting;
    };
    PlanOptions result = PlanOptions::of(options.method, fields.scope ? options.scope : RotationScope::PerSite);
    result.seed = options.seed;
    if (fields.bits)
        result.bits = nearestBits(options.method, options.bits);
    take(fields.groupSize, &PlanOptions::groupSize, result);
    take(fields.symmetric, &PlanOptions::symmetric, result);
    take(fields.rounding, &PlanOptions::rounding, result);
    take(fields.activationOrder, &PlanOptions::activationOrder, result);
    take(fields.clip, &PlanOptions::clip, result);
    take(fields.salient, &PlanOptions::salient, result);
    take(fields.select, &PlanOptions::select, result);
    take(fields.basis, &PlanOptions::basis, result);
    take(fields.treatments, &PlanOptions::attnOut, result);
    take(fields.treatments, &PlanOptions::mlpOut, result);
    take(fields.mixRest, &PlanOptions::mixRest, result);
    take(fields.cmpq, &PlanOptions::cmpq, result);
    take(fields.targetBits, &PlanOptions::targetBits, result);
    return result;
}

BitsRange bitsRange(Method method)
{
    if (method == Method::Etq)
        return {.least = 1, .decimals = 2, .step = 0.25};
    if (method == Method::Cmpq)
        return {.decimals = 1, .step = 0.1};
    return {};
}

double nearestBits(Method method, double bits)
{
    const BitsRange range = bitsRange(method);
    const double bounded = std::clamp(bits, range.least, range.most);
    return usesGrid(method) ? std::round(bounded) : bounded;
}

} // namespace eigenquant
