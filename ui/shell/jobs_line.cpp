// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/jobs_line.h"

#include "ui/text/format.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QStyle>
#include <QToolButton>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kBarSteps = 1000;
constexpr int kProgressWidth = 160;

} // namespace

QString describeProgress(const JobStatus& status)
{
    if (status.state == JobState::Queued)
        return JobsLine::tr("waiting");
    QStringList parts;
    if (!status.stage.isEmpty())
        parts << (status.total > 0 ? JobsLine::tr("%1: %2 of %3 %4")
                                         .arg(status.stage, text::grouped(status.done), text::grouped(status.total),
                                              status.unit)
                                   : status.stage);
    parts << text::duration(double(status.elapsedMs / 1000));
    if (status.remainingMs >= 0)
        parts << JobsLine::tr("about %1 left").arg(text::duration(double(status.remainingMs / 1000)));
    return parts.join(QStringLiteral(" · "));
}

void showProgress(QProgressBar& bar, const JobStatus& status)
{
    const bool isKnown = status.total > 0;
    bar.setRange(0, isKnown || status.state == JobState::Queued ? kBarSteps : 0);
    if (isKnown)
        bar.setValue(int(std::clamp<std::int64_t>(status.done * kBarSteps / status.total, 0, kBarSteps)));
}

JobsLine::JobsLine(JobRunner& runner, QWidget* parent) : QWidget(parent), m_runner(runner)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 2, 4, 2);
    row->setSpacing(8);
    m_text = new ElidedLabel;
    m_text->setForegroundRole(QPalette::PlaceholderText);
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedSize(kProgressWidth, 8);
    m_bar->setAccessibleName(tr("Progress of the running job"));
    m_cancel = new QToolButton;
    m_cancel->setText(tr("Cancel"));
    m_cancel->setToolTip(tr("Stop this job; nothing is left behind"));
    m_details = new QToolButton;
    m_details->setText(tr("Jobs and log"));
    m_details->setToolTip(tr("Show all jobs and the log"));
    m_details->setCheckable(true);
    m_details->setAutoRaise(true);
    m_details->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_details->setArrowType(Qt::UpArrow);
    auto* close = new QToolButton;
    close->setIcon(style()->standardIcon(QStyle::SP_TitleBarCloseButton));
    close->setAutoRaise(true);
    close->setToolTip(tr("Hide; View, Jobs brings it back"));
    close->setAccessibleName(tr("Hide the jobs"));
    row->addWidget(m_text, 1);
    row->addWidget(m_bar);
    row->addWidget(m_cancel);
    row->addWidget(m_details);
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &JobsLine::closeRequested);
    connect(m_cancel, &QToolButton::clicked, this, [this] {
        m_cancel->setEnabled(false);
        m_runner.cancel(m_shown);
    });
    connect(m_details, &QToolButton::toggled, this,
            [this](bool isOpen) { m_details->setArrowType(isOpen ? Qt::DownArrow : Qt::UpArrow); });
    connect(&runner, &JobRunner::jobChanged, this, [this] { show(m_runner.activeJobs()); });
    setLast(tr("No job is running"));
}

void JobsLine::setLast(const QString& line)
{
    m_last = line;
    show(m_runner.activeJobs());
}

QString JobsLine::text() const
{
    return m_text->whole();
}

void JobsLine::show(const std::vector<JobStatus>& jobs)
{
    const auto isRunning = [](const JobStatus& job) { return job.state == JobState::Running; };
    // What was opened last in the quick lane must not hide a quantization of an hour.
    auto found = std::ranges::find_if(
        jobs, [&](const JobStatus& job) { return isRunning(job) && job.lane == JobLane::Model; });
    if (found == jobs.end())
        found = std::ranges::find_if(jobs, isRunning);
    m_bar->setVisible(found != jobs.end());
    m_cancel->setVisible(found != jobs.end());
    if (found == jobs.end()) {
        m_text->setWhole(m_last);
        return;
    }
    QString line = QStringLiteral("%1 · %2").arg(found->title, describeProgress(*found));
    if (jobs.size() > 1)
        line += QStringLiteral(" · ") + tr("%1 more").arg(jobs.size() - 1);
    m_text->setWhole(line);
    showProgress(*m_bar, *found);
    if (found->id != m_shown) {
        m_shown = found->id;
        m_cancel->setEnabled(true);
        m_cancel->setAccessibleName(tr("Cancel %1").arg(found->title));
    }
}

} // namespace eigenquant
