// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"
#include "ui/state/site_summary.h"

#include <QObject>
#include <QUndoStack>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace eigenquant {

/// The settings and predictions of some rows of a plan, as undo puts them back.
struct PlanSnapshot {
    std::vector<int> rows;
    std::vector<SitePlan> sites;
    std::vector<LinearPlan> linears;
    PlanTotals totals;
    PlanOptions options;
};

/// The plan that is being edited, with its statistics and its undo history. A row is one site, in the
/// plan's order. Every edit brings the predictions up to date at once.
class PlanDocument : public QObject {
    Q_OBJECT

public:
    explicit PlanDocument(QObject* parent = nullptr);

    /// Takes over a plan and the statistics it was made for, and forgets the history.
    void reset(std::shared_ptr<const ModelStatistics> statistics, Plan plan);
    void clear();
    /// Puts another plan for the same statistics in its place, as one undoable step.
    void replacePlan(const Plan& plan, const QString& text);

    bool isEmpty() const { return !m_statistics; }
    const Plan& plan() const { return m_plan; }
    const PlanTotals& totals() const { return m_plan.totals; }
    const ModelStatistics& statistics() const { return *m_statistics; }
    const std::shared_ptr<const ModelStatistics>& sharedStatistics() const { return m_statistics; }
    QUndoStack& undoStack() { return m_undo; }
    /// Another number after every change of the plan.
    int revision() const { return m_revision; }
    /// Whether the statistics can tell the expected KL divergence.
    bool knowsDivergence() const { return m_knowsDivergence; }
    /// The ids of these rows' sites.
    std::vector<SiteId> sitesOf(const std::vector<int>& rows) const;

    int rowCount() const { return int(m_rows.size()); }
    /// -1 if the plan has no such site.
    int rowOf(SiteId id) const;
    const SiteSummary& summary(int row) const { return m_rows[std::size_t(row)].summary; }
    /// The share of the site's energy that its K channels hold; worked out when first asked for.
    double energyShare(int row) const;

    /// Edits of one or many rows. Rows that a setting does not apply to are left alone; K is clamped to
    /// the site's channels. What the core refuses leaves the plan as it was and emits refused().
    void setSalient(const std::vector<int>& rows, const SalientBudget& budget);
    /// Each linear takes the nearest width that its method can have.
    void setBits(const std::vector<int>& rows, double bits);
    /// Locked rows keep their settings when rows are planned anew or bits are spread over them.
    void setLocked(const std::vector<int>& rows, bool locked);
    /// Plans these rows anew from options, just as `eigenquant plan` would; all rows if `rows` is empty. See
    /// replanned() for locks and target bits.
    void applyOptions(const PlanOptions& options, const std::vector<int>& rows);

    /// For the undo commands: puts the snapshot's values in place.
    void restore(const PlanSnapshot& snapshot);

signals:
    void planReset();
    void rowsChanged(const std::vector<int>& rows);
    void totalsChanged();
    /// Another plan took the place of this one, with settings of its own.
    void planReplaced();
    void refused(const QString& message);

private:
    struct Row {
        std::vector<int> linears;
        SiteSummary summary;
        mutable std::optional<double> energyShare;
    };

    PlanSnapshot capture(const std::vector<int>& rows) const;
    /// False if the core refused the change, or there was nothing to change.
    bool edit(const std::vector<int>& rows, int kind, const QString& text, const std::function<void(Plan&)>& change);
    void predictRows(const std::vector<int>& rows);
    void indexRows();
    void summarizeRows(const std::vector<int>& rows);
    std::vector<int> allRows() const;

    std::shared_ptr<const ModelStatistics> m_statistics;
    Plan m_plan;
    std::vector<Row> m_rows;
    QUndoStack m_undo;
    int m_revision = 0;
    bool m_knowsDivergence = false;
};

} // namespace eigenquant
