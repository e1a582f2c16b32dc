// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"
#include "ui/state/prepared_plan.h"
#include "ui/state/site_summary.h"

#include <QObject>
#include <QUndoStack>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace eigenquant {

/// New settings for some linears; what is not said stays as it is.
struct BudgetChange {
    std::vector<int> linears; ///< positions in Plan::linears
    std::optional<double> bits = {}; ///< each linear takes the nearest width that its method can have
    std::optional<SalientBudget> salient = {}; ///< at most the site's channels; for methods that keep any
    std::optional<int> groupSize = {};         ///< for methods with a grid
    std::optional<bool> locked = {};
};

/// The settings and predictions of some rows of a plan, as undo puts them back.
struct PlanSnapshot {
    std::vector<int> rows;
    std::vector<int> changed; ///< the linears that the edit was of
    int drag = 0;             ///< which drag it was part of
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
    void reset(std::shared_ptr<const ModelStatistics> statistics, PreparedPlan plan);
    void clear();
    /// Puts another plan for the same statistics in its place, as one undoable step.
    void replacePlan(const PreparedPlan& plan, const QString& text);
    /// Takes over bits and K that an allocator chose for this plan, predictions included. Steps of one drag, which
    /// finishDrag() ends, become one.
    void takeSpread(const Plan& plan, const QString& text);
    void finishDrag() { ++m_drag; }
    /// What was opened or saved last, to tell differences against.
    const Plan& savedPlan() const { return m_savedPlan; }
    /// The plan was written to a file.
    void markSaved();

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
    /// The share of the site's energy that its K channels hold.
    double energyShare(int row) const;
    /// The share that the strongest K channels of another basis would hold.
    double energyShareIn(int row, Basis basis) const;

    /// The positions in Plan::linears of the linears that read these rows' sites.
    std::vector<int> linearsOf(const std::vector<int>& rows) const;

    /// Edits of one or many rows. Rows that a setting does not apply to are left alone; K is clamped to
    /// the site's channels. What the core refuses leaves the plan as it was and emits refused().
    void setSalient(const std::vector<int>& rows, const SalientBudget& budget);
    /// Each linear takes the nearest width that its method can have.
    void setBits(const std::vector<int>& rows, double bits);
    void setGroupSize(const std::vector<int>& rows, int groupSize);
    /// Locked rows keep their settings when rows are planned anew or bits are spread over them.
    void setLocked(const std::vector<int>& rows, bool locked);
    /// All of these as one step; steps of one `kind` (see PlanEditKind) for the same linears become one.
    void change(const std::vector<BudgetChange>& changes, int kind, const QString& text);
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
    };

    PlanSnapshot capture(const std::vector<int>& rows) const;
    enum class Predictions { Renew, AsGiven };
    /// False if the core refused the change, or there was nothing to change.
    bool edit(const std::vector<int>& rows, int kind, const QString& text, const std::function<void(Plan&)>& change,
              Predictions predictions = Predictions::Renew, const std::vector<int>& changed = {});
    void apply(const BudgetChange& change, Plan& plan) const;
    bool hasSameShape(const Plan& plan) const;
    double energyShare(const SiteSummary& site, Basis basis, Select select) const;
    void predictRows(const std::vector<int>& rows);
    void indexRows();
    void summarizeRows(const std::vector<int>& rows);
    std::vector<int> allRows() const;

    std::shared_ptr<const ModelStatistics> m_statistics;
    std::shared_ptr<Predictor> m_predictor; ///< of this document alone
    Plan m_plan;
    Plan m_savedPlan;
    std::vector<Row> m_rows;
    QUndoStack m_undo;
    int m_drag = 0;
    int m_revision = 0;
    bool m_knowsDivergence = false;
};

} // namespace eigenquant
