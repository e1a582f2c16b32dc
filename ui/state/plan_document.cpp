// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/plan_document.h"

#include "core/session/session.h"
#include "ui/state/plan_choices.h"
#include "ui/state/plan_commands.h"
#include "ui/state/replan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace eigenquant {

namespace {

/// Up to this many sites are predicted one by one; above it the whole plan at once is cheaper.
constexpr std::size_t kFewRows = 8;

} // namespace

PlanDocument::PlanDocument(QObject* parent) : QObject(parent) {}

void PlanDocument::reset(std::shared_ptr<const ModelStatistics> statistics, PreparedPlan plan)
{
    m_undo.clear();
    m_statistics = std::move(statistics);
    m_plan = std::move(plan.plan);
    m_predictor = std::move(plan.predictor);
    if (!m_predictor && m_statistics)
        m_predictor = std::make_shared<Predictor>(m_statistics);
    m_savedPlan = m_plan;
    m_knowsDivergence = m_statistics && KnownStatistics::of(*m_statistics).divergence;
    ++m_revision;
    indexRows();
    emit planReset();
    emit totalsChanged();
}

void PlanDocument::clear()
{
    reset(nullptr, {});
}

bool PlanDocument::hasSameShape(const Plan& plan) const
{
    const auto sameId = [](const auto& a, const auto& b) { return a.id == b.id; };
    return std::ranges::equal(plan.sites, m_plan.sites, sameId) &&
           std::ranges::equal(plan.linears, m_plan.linears, sameId);
}

void PlanDocument::replacePlan(const PreparedPlan& prepared, const QString& text)
{
    const Plan& plan = prepared.plan;
    if (!hasSameShape(plan)) {
        emit refused(tr("The plan is for a model of %1 sites, the open statistics for one of %2; open the statistics "
                        "that the plan was made for.")
                         .arg(plan.sites.size())
                         .arg(m_plan.sites.size()));
        return;
    }
    if (prepared.predictor)
        m_predictor = prepared.predictor;
    const bool isDone = edit(allRows(), kReplanEdit, text, [&](Plan& target) {
        target.options = plan.options;
        target.sites = plan.sites;
        target.linears = plan.linears;
        validatePlan(target, *m_statistics);
    });
    if (isDone)
        emit planReplaced();
}

void PlanDocument::takeSpread(const Plan& plan, const QString& text)
{
    if (!hasSameShape(plan))
        return;
    edit(
        allRows(), kSpreadEdit, text,
        [&plan](Plan& target) {
            target.options.targetBits = plan.options.targetBits;
            target.linears = plan.linears;
            target.totals = plan.totals;
        },
        Predictions::AsGiven);
}

void PlanDocument::markSaved()
{
    m_savedPlan = m_plan;
    m_undo.setClean();
}

int PlanDocument::rowOf(SiteId id) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row& row) { return row.summary.id == id; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

double PlanDocument::energyShare(int row) const
{
    return energyShare(summary(row), summary(row).basis, summary(row).select);
}

double PlanDocument::energyShareIn(int row, Basis basis) const
{
    return energyShare(summary(row), basis, Select::Top);
}

double PlanDocument::energyShare(const SiteSummary& site, Basis basis, Select select) const
{
    try {
        return m_predictor->salientEnergyShare(site.id, basis, select, site.salient, m_plan.options.seed);
    } catch (const Error&) {
        return std::numeric_limits<double>::quiet_NaN(); // the basis was not measured
    }
}

void PlanDocument::setSalient(const std::vector<int>& rows, const SalientBudget& budget)
{
    change({{.linears = linearsOf(rows), .salient = budget}}, kSalientEdit, tr("change K"));
}

void PlanDocument::setBits(const std::vector<int>& rows, double bits)
{
    change({{.linears = linearsOf(rows), .bits = bits}}, kBitsEdit, tr("change bits"));
}

void PlanDocument::setGroupSize(const std::vector<int>& rows, int groupSize)
{
    change({{.linears = linearsOf(rows), .groupSize = groupSize}}, kGroupEdit, tr("change groups"));
}

void PlanDocument::setLocked(const std::vector<int>& rows, bool locked)
{
    change({{.linears = linearsOf(rows), .locked = locked}}, kLockEdit, locked ? tr("lock") : tr("unlock"));
}

void PlanDocument::change(const std::vector<BudgetChange>& changes, int kind, const QString& text)
{
    std::set<int> rows;
    std::vector<int> changed;
    for (const BudgetChange& one : changes) {
        for (const int position : one.linears)
            rows.insert(rowOf(m_plan.linears[std::size_t(position)].id.site()));
        changed.insert(changed.end(), one.linears.begin(), one.linears.end());
    }
    edit(
        {rows.begin(), rows.end()}, kind, text,
        [&](Plan& plan) {
            for (const BudgetChange& one : changes)
                apply(one, plan);
        },
        Predictions::Renew, changed);
}

void PlanDocument::apply(const BudgetChange& change, Plan& plan) const
{
    for (const int position : change.linears) {
        LinearPlan& linear = plan.linears[std::size_t(position)];
        if (change.bits && linear.method != Method::Float)
            linear.bits = nearestBits(linear.method, *change.bits);
        if (change.salient && keepsSalient(linear.method)) {
            const int channels = m_statistics->site(linear.id.site()).channels;
            SalientBudget bounded = *change.salient;
            if (!bounded.isFraction)
                bounded.value = std::clamp(bounded.value, 0.0, double(channels));
            linear.salient = bounded.count(channels);
        }
        if (change.groupSize && usesGrid(linear.method))
            linear.groupSize = *change.groupSize;
        if (change.locked)
            linear.locked = *change.locked;
    }
    // A group size that was not measured, say: the core knows which there are.
    if (change.groupSize)
        validatePlan(plan, *m_statistics);
}

std::vector<int> PlanDocument::linearsOf(const std::vector<int>& rows) const
{
    std::vector<int> positions;
    for (const int row : rows)
        std::ranges::copy(m_rows[std::size_t(row)].linears, std::back_inserter(positions));
    return positions;
}

std::vector<SiteId> PlanDocument::sitesOf(const std::vector<int>& rows) const
{
    std::vector<SiteId> sites;
    for (const int row : rows)
        sites.push_back(summary(row).id);
    return sites;
}

void PlanDocument::applyOptions(const PlanOptions& options, const std::vector<int>& chosen)
{
    const std::vector<int> rows = chosen.empty() ? allRows() : chosen;
    edit(rows, kReplanEdit, tr("plan %1 sites anew").arg(rows.size()),
         [&](Plan& plan) { plan = replanned(plan, *m_statistics, options, sitesOf(rows)); });
}

bool PlanDocument::edit(const std::vector<int>& rows, int kind, const QString& text,
                        const std::function<void(Plan&)>& change, Predictions predictions,
                        const std::vector<int>& changed)
{
    if (isEmpty() || rows.empty())
        return false;
    const PlanSnapshot before = capture(rows);
    try {
        change(m_plan);
        if (predictions == Predictions::Renew)
            predictRows(rows);
    } catch (const Error& error) {
        restore(before);
        emit refused(QString::fromUtf8(error.what()));
        return false;
    }
    summarizeRows(rows);
    ++m_revision;
    PlanSnapshot after = capture(rows);
    after.changed = changed;
    after.drag = m_drag;
    m_undo.push(new PlanEditCommand(*this, before, std::move(after), kind, text));
    emit rowsChanged(rows);
    emit totalsChanged();
    return true;
}

void PlanDocument::predictRows(const std::vector<int>& rows)
{
    if (rows.size() > kFewRows) {
        m_predictor->predict(m_plan);
        return;
    }
    for (const int row : rows)
        m_predictor->predict(m_plan, m_plan.sites[std::size_t(row)].id);
}

PlanSnapshot PlanDocument::capture(const std::vector<int>& rows) const
{
    PlanSnapshot snapshot{.rows = rows, .totals = m_plan.totals, .options = m_plan.options};
    for (const int row : rows) {
        snapshot.sites.push_back(m_plan.sites[std::size_t(row)]);
        for (const int position : m_rows[std::size_t(row)].linears)
            snapshot.linears.push_back(m_plan.linears[std::size_t(position)]);
    }
    return snapshot;
}

void PlanDocument::restore(const PlanSnapshot& snapshot)
{
    std::size_t nextLinear = 0;
    for (std::size_t i = 0; i < snapshot.rows.size(); ++i) {
        const auto row = std::size_t(snapshot.rows[i]);
        m_plan.sites[row] = snapshot.sites[i];
        for (const int position : m_rows[row].linears)
            m_plan.linears[std::size_t(position)] = snapshot.linears[nextLinear++];
    }
    m_plan.totals = snapshot.totals;
    m_plan.options = snapshot.options;
    ++m_revision;
    summarizeRows(snapshot.rows);
    emit rowsChanged(snapshot.rows);
    emit totalsChanged();
}

void PlanDocument::indexRows()
{
    m_rows.assign(m_plan.sites.size(), {});
    std::map<SiteId, std::size_t> rowOfSite;
    for (std::size_t row = 0; row < m_plan.sites.size(); ++row)
        rowOfSite[m_plan.sites[row].id] = row;
    for (std::size_t i = 0; i < m_plan.linears.size(); ++i)
        if (const auto found = rowOfSite.find(m_plan.linears[i].id.site()); found != rowOfSite.end())
            m_rows[found->second].linears.push_back(int(i));
    summarizeRows(allRows());
}

void PlanDocument::summarizeRows(const std::vector<int>& rows)
{
    for (const int row : rows) {
        Row& entry = m_rows[std::size_t(row)];
        entry.summary = summarize(m_plan, *m_statistics, m_plan.sites[std::size_t(row)], entry.linears);
    }
}

std::vector<int> PlanDocument::allRows() const
{
    std::vector<int> rows(m_plan.sites.size());
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

} // namespace eigenquant
