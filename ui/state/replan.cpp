// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/replan.h"

#include "core/base/error.h"
#include "core/session/session.h"

#include <algorithm>
#include <set>

namespace eigenquant {

namespace {

/// Which sites and linears may change.
class Scope {
public:
    Scope(const Plan& plan, const std::vector<SiteId>& sites) : m_sites(sites.begin(), sites.end())
    {
        if (m_sites.empty())
            for (const SitePlan& site : plan.sites)
                m_sites.insert(site.id);
        m_isWhole = m_sites.size() == plan.sites.size();
        for (const LinearPlan& linear : plan.linears)
            if (linear.locked)
                m_held.insert(linear.id.site());
    }
    bool isWhole() const { return m_isWhole; }
    /// A locked linear holds its site's rotation.
    bool holds(const SitePlan& site) const { return m_sites.contains(site.id) && !m_held.contains(site.id); }
    bool holds(const LinearPlan& linear) const { return m_sites.contains(linear.id.site()) && !linear.locked; }

private:
    std::set<SiteId> m_sites;
    std::set<SiteId> m_held;
    bool m_isWhole = false;
};

/// The residual stream has one rotation, and its kind is a setting of the whole plan.
void takeGlobalRotation(Plan& plan, const PlanOptions& options, bool wasTurned)
{
    if (options.scope != RotationScope::Global || !plan.turnsResidual())
        return;
    if (wasTurned && plan.options.basis != options.basis)
        throw Error::usage("the residual stream is turned as a whole or not at all")
            .field("basis")
            .found(std::string(name(options.basis)))
            .expected(std::string(name(plan.options.basis)) + ", as the other sites")
            .hint("apply it to all sites");
    plan.options.scope = options.scope;
    plan.options.basis = options.basis;
}

/// Brings the whole plan to the target by the linears in scope.
void spreadBits(Plan& plan, const ModelStatistics& statistics, const Scope& scope, double targetBits)
{
    std::vector<bool> locks;
    for (LinearPlan& linear : plan.linears) {
        locks.push_back(linear.locked);
        linear.locked = !scope.holds(linear);
    }
    allocateBits(plan, statistics, targetBits);
    for (std::size_t i = 0; i < locks.size(); ++i)
        plan.linears[i].locked = locks[i];
}

} // namespace

Plan replanned(const Plan& plan, const ModelStatistics& statistics, const PlanOptions& options,
               const std::vector<SiteId>& sites)
{
    const Scope scope(plan, sites);
    PlanOptions uniform = options;
    uniform.targetBits = 0; // the allocator looks at the whole plan, not at a fresh one
    const Plan fresh = makePlan(statistics, uniform);
    Plan result = plan;
    for (std::size_t i = 0; i < result.sites.size(); ++i)
        if (scope.holds(plan.sites[i]))
            result.sites[i] = fresh.sites[i];
    for (std::size_t i = 0; i < result.linears.size(); ++i)
        if (scope.holds(plan.linears[i]))
            result.linears[i] = fresh.linears[i];
    if (scope.isWhole())
        result.options = options;
    else
        takeGlobalRotation(result, options, plan.turnsResidual());
    validatePlan(result, statistics);
    predict(result, statistics);
    if (options.targetBits > 0)
        spreadBits(result, statistics, scope, options.targetBits);
    return result;
}

} // namespace eigenquant
