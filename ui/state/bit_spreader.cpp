// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/bit_spreader.h"

#include "core/session/session.h"

#include <algorithm>
#include <utility>

namespace eigenquant {

BitSpreader::BitSpreader(PlanDocument& plan, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_plan(plan), m_jobs(jobs)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &BitSpreader::meet);
    connect(&m_plan, &PlanDocument::planReset, this, [this] {
        m_wish.reset();
        m_allocator.reset();
    });
}

BitSpreader::~BitSpreader() = default;

void BitSpreader::request(double targetBits)
{
    m_wish = targetBits;
    m_soon.start();
}

void BitSpreader::finishDrag()
{
    if (m_wish)
        m_finishing = true;
    else
        m_plan.finishDrag();
}

void BitSpreader::meet()
{
    if (!m_wish || m_plan.isEmpty() || m_preparing)
        return;
    if (!m_allocator || m_revision != m_plan.revision()) {
        prepare();
        return;
    }
    const double target =
        std::clamp(*std::exchange(m_wish, {}), m_allocator->leastBits(), m_allocator->mostBits());
    try {
        Plan plan = m_plan.plan();
        plan.options.targetBits = target;
        m_allocator->spread(plan, m_plan.statistics(), target);
        m_plan.takeSpread(plan, tr("spread %1 effective bits").arg(target, 0, 'f', 2));
    } catch (const Error& error) {
        emit failed(QString::fromUtf8(error.what()));
    }
    m_revision = m_plan.revision();
    if (std::exchange(m_finishing, false))
        m_plan.finishDrag();
}

void BitSpreader::prepare()
{
    m_preparing = true;
    using Allocator = std::shared_ptr<const BitAllocator>;
    m_jobs.submit(
        JobLane::Files, QStringLiteral("prepare-spread"), tr("Work out what bits can be spread"),
        [plan = m_plan.plan(), statistics = m_plan.sharedStatistics()](const RunContext&) -> Allocator {
            return std::make_shared<const BitAllocator>(plan, *statistics);
        },
        [this, revision = m_plan.revision()](const JobOutcome<Allocator>& outcome) {
            m_preparing = false;
            if (!outcome.value) {
                m_wish.reset();
                if (!outcome.cancelled)
                    emit failed(outcome.error);
                return;
            }
            m_allocator = *outcome.value;
            m_revision = revision;
            emit rangeKnown(m_allocator->leastBits(), m_allocator->mostBits());
            meet(); // prepares anew if the plan was changed meanwhile
        });
}

} // namespace eigenquant
