// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/plan_difference.h"

#include "core/base/error.h"

#include <algorithm>

namespace eigenquant {

std::vector<std::string> LinearDifference::settings() const
{
    std::vector<std::string> names;
    const auto note = [&names](const char* name, bool isSame) {
        if (!isSame)
            names.emplace_back(name);
    };
    note("method", before.method == after.method);
    note("bits", before.bits == after.bits);
    note("group_size", before.groupSize == after.groupSize);
    note("symmetric", before.symmetric == after.symmetric);
    note("salient", before.salient == after.salient);
    note("rounding", before.rounding == after.rounding);
    note("activation_order", before.activationOrder == after.activationOrder);
    note("clip", before.clip == after.clip);
    note("cmpq", before.cmpq == after.cmpq);
    note("locked", before.locked == after.locked);
    note("rotation", siteBefore.basis == siteAfter.basis);
    note("select", siteBefore.select == siteAfter.select);
    note("mix_rest", siteBefore.mixRest == siteAfter.mixRest);
    return names;
}

std::vector<LinearDifference> differences(const Plan& before, const Plan& after)
{
    const auto sameId = [](const LinearPlan& a, const LinearPlan& b) { return a.id == b.id; };
    if (!std::ranges::equal(before.linears, after.linears, sameId))
        throw Error::usage("the plans are for models of another shape")
            .found(std::to_string(before.linears.size()) + " linears")
            .expected(std::to_string(after.linears.size()))
            .hint("compare plans that were made for the same model");
    std::vector<LinearDifference> found;
    for (std::size_t i = 0; i < after.linears.size(); ++i) {
        const SiteId site = after.linears[i].id.site();
        LinearDifference difference{before.linears[i], after.linears[i], before.site(site), after.site(site)};
        if (!difference.settings().empty())
            found.push_back(std::move(difference));
    }
    return found;
}

} // namespace eigenquant
