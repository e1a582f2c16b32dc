// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/state/plan_document.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

namespace eigenquant {

class BitAllocator;

/// Brings the whole plan to a number of effective bits as a slider is dragged. What every linear could take is
/// worked out once, off the UI thread; then each wish is met at once, and of many in one turn of the event loop
/// the last.
class BitSpreader : public QObject {
    Q_OBJECT

public:
    BitSpreader(PlanDocument& plan, JobRunner& jobs, QObject* parent = nullptr);
    ~BitSpreader() override;

    /// The newest wish counts; it is met, or failed() says why not. What lies outside the range is taken as its
    /// end.
    void request(double targetBits);
    /// The next request begins an undo step of its own.
    void finishDrag();
    bool isPreparing() const { return m_preparing; }

signals:
    /// The fewest and the most effective bits that the plan can be brought to.
    void rangeKnown(double least, double most);
    void failed(const QString& message);

private:
    void meet();
    void prepare();

    PlanDocument& m_plan;
    JobRunner& m_jobs;
    QTimer m_soon;
    std::shared_ptr<const BitAllocator> m_allocator;
    int m_revision = -1; ///< of the plan that the allocator is for, or that it left behind
    std::optional<double> m_wish;
    bool m_preparing = false;
    bool m_finishing = false; ///< the drag ended while its last wish was still open
};

} // namespace eigenquant
