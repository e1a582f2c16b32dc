// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/jobs_dock.h"

#include "ui/shell/jobs_line.h"
#include "ui/text/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTime>
#include <QToolButton>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

constexpr int kOpenHeight = 96;
constexpr int kLogLines = 500;

} // namespace

JobsDock::JobsDock(JobRunner& runner, QWidget* parent) : QDockWidget(tr("Jobs"), parent), m_runner(runner)
{
    setObjectName(QStringLiteral("jobs"));
    m_line = new JobsLine(runner, this);
    setTitleBarWidget(m_line);
    m_body = new QWidget(this);
    auto* layout = new QHBoxLayout(m_body);
    layout->setContentsMargins(12, 6, 12, 10);
    layout->setSpacing(16);
    auto* left = new QWidget(m_body);
    m_list = new QVBoxLayout(left);
    m_list->setContentsMargins(0, 0, 0, 0);
    m_idle = new QLabel(tr("No job is running. Opening, analysing, quantizing and measuring show up here."), left);
    m_idle->setWordWrap(true);
    m_idle->setForegroundRole(QPalette::PlaceholderText);
    m_list->addWidget(m_idle);
    m_list->addStretch(1);
    m_log = new QPlainTextEdit(m_body);
    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(kLogLines);
    m_log->setAccessibleName(tr("Log"));
    m_log->setPlaceholderText(tr("Log"));
    m_log->setFrameShape(QFrame::NoFrame);
    layout->addWidget(left, 1);
    layout->addWidget(m_log, 1);
    setWidget(m_body);
    setOpen(false);
    connect(m_line->details(), &QToolButton::toggled, this, &JobsDock::setOpen);
    connect(m_line, &JobsLine::closeRequested, this, &QWidget::hide);
    connect(&runner, &JobRunner::jobChanged, this, &JobsDock::follow);
}

void JobsDock::log(const QString& line)
{
    m_log->appendPlainText(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + line);
    m_line->setLast(line);
}

bool JobsDock::isOpen() const
{
    return m_line->details()->isChecked();
}

void JobsDock::setOpen(bool isOpen)
{
    m_line->details()->setChecked(isOpen);
    // A hidden widget would still be given the room of its hint.
    m_body->setMinimumHeight(isOpen ? kOpenHeight : 0);
    m_body->setMaximumHeight(isOpen ? QWIDGETSIZE_MAX : 0);
    m_log->setFocusPolicy(isOpen ? Qt::StrongFocus : Qt::NoFocus);
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
    showProgress(*row.bar, status);
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
