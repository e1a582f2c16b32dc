// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/jobs_dock.h"

#include "ui/text/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTime>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kBarSteps = 1000;
constexpr int kLogLines = 500;

} // namespace

QString describeProgress(const JobStatus& status)
{
    if (status.state == JobState::Queued)
        return JobsDock::tr("waiting");
    QStringList parts;
    if (!status.stage.isEmpty())
        parts << (status.total > 0 ? JobsDock::tr("%1: %2 of %3 %4")
                                         .arg(status.stage, text::grouped(status.done), text::grouped(status.total),
                                              status.unit)
                                   : status.stage);
    parts << text::duration(double(status.elapsedMs / 1000));
    if (status.remainingMs >= 0)
        parts << JobsDock::tr("about %1 left").arg(text::duration(double(status.remainingMs / 1000)));
    return parts.join(QStringLiteral(" · "));
}

JobsDock::JobsDock(JobRunner& runner, QWidget* parent) : QDockWidget(tr("Jobs"), parent), m_runner(runner)
{
    setObjectName(QStringLiteral("jobs"));
    auto* body = new QWidget(this);
    auto* layout = new QHBoxLayout(body);
    layout->setContentsMargins(12, 6, 12, 10);
    layout->setSpacing(16);
    auto* left = new QWidget(body);
    m_list = new QVBoxLayout(left);
    m_list->setContentsMargins(0, 0, 0, 0);
    m_idle = new QLabel(tr("No job is running. Opening, analysing, quantizing and measuring show up here."), left);
    m_idle->setWordWrap(true);
    m_idle->setForegroundRole(QPalette::PlaceholderText);
    m_list->addWidget(m_idle);
    m_list->addStretch(1);
    m_log = new QPlainTextEdit(body);
    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(kLogLines);
    m_log->setAccessibleName(tr("Log"));
    m_log->setPlaceholderText(tr("Log"));
    m_log->setFrameShape(QFrame::NoFrame);
    layout->addWidget(left, 1);
    layout->addWidget(m_log, 1);
    body->setMinimumHeight(84);
    setWidget(body);
    connect(&runner, &JobRunner::jobChanged, this, &JobsDock::follow);
}

void JobsDock::log(const QString& line)
{
    m_log->appendPlainText(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + line);
}

void JobsDock::follow(const JobStatus& status)
{
    auto found = m_rows.find(status.id);
    if (status.isFinished()) {
        if (found != m_rows.end()) {
            found->second.widget->deleteLater();
            m_rows.erase(found);
        }
        logEnd(status);
    } else {
        if (found == m_rows.end())
            found = m_rows.emplace(status.id, makeRow(status)).first;
        update(found->second, status);
    }
    m_idle->setVisible(m_rows.empty());
}

JobsDock::Row JobsDock::makeRow(const JobStatus& status)
{
    Row row;
    row.widget = new QWidget;
    auto* line = new QHBoxLayout(row.widget);
    line->setContentsMargins(0, 0, 0, 0);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    row.title = new QLabel(status.title);
    row.bar = new QProgressBar;
    row.bar->setTextVisible(false);
    row.bar->setFixedHeight(8);
    row.bar->setAccessibleName(tr("Progress of %1").arg(status.title));
    row.detail = new QLabel;
    row.detail->setForegroundRole(QPalette::PlaceholderText);
    texts->addWidget(row.title);
    texts->addWidget(row.bar);
    texts->addWidget(row.detail);
    auto* cancel = new QPushButton(tr("Cancel"));
    cancel->setToolTip(tr("Stop this job; nothing is left behind"));
    cancel->setAccessibleName(tr("Cancel %1").arg(status.title));
    connect(cancel, &QPushButton::clicked, this, [this, id = status.id, cancel] {
        cancel->setEnabled(false);
        cancel->setText(tr("Stopping…"));
        m_runner.cancel(id);
    });
    line->addLayout(texts, 1);
    line->addWidget(cancel, 0, Qt::AlignVCenter);
    m_list->insertWidget(int(m_rows.size()) + 1, row.widget);
    return row;
}

void JobsDock::update(Row& row, const JobStatus& status)
{
    const bool known = status.total > 0;
    row.bar->setRange(0, known || status.state == JobState::Queued ? kBarSteps : 0);
    if (known)
        row.bar->setValue(int(std::clamp<std::int64_t>(status.done * kBarSteps / status.total, 0, kBarSteps)));
    row.detail->setText(describeProgress(status));
}

void JobsDock::logEnd(const JobStatus& status)
{
    const QString took = text::duration(double(status.elapsedMs) / 1000);
    switch (status.state) {
    case JobState::Succeeded:
        log(tr("%1: done in %2").arg(status.title, took));
        break;
    case JobState::Failed:
        log(tr("%1: failed: %2").arg(status.title, status.error));
        break;
    default:
        log(tr("%1: cancelled").arg(status.title));
        break;
    }
}

} // namespace eigenquant
