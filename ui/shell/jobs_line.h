// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"

#include <QWidget>

class QProgressBar;
class QToolButton;

namespace eigenquant {

class ElidedLabel;

/// One line about jobs: the one that runs, with its bar and a way to stop it, or what was done last. It stands in the
/// place of the dock's title, so that the dock need not open, and push the pages about, for every short job.
class JobsLine : public QWidget {
    Q_OBJECT

public:
    explicit JobsLine(JobRunner& runner, QWidget* parent = nullptr);
    /// Shown while nothing runs.
    void setLast(const QString& line);
    QString text() const;
    QToolButton* details() const { return m_details; }

signals:
    void closeRequested();

private:
    void show(const std::vector<JobStatus>& jobs);

    JobRunner& m_runner;
    QString m_last;
    std::uint64_t m_shown = 0;
    ElidedLabel* m_text = nullptr;
    QProgressBar* m_bar = nullptr;
    QToolButton* m_cancel = nullptr;
    QToolButton* m_details = nullptr;
};

/// "reading activations: 12 of 128 windows · 1 min 20 s · about 3 min left".
QString describeProgress(const JobStatus& status);
/// Moves a bar to where the job is; a job of unknown length keeps it moving.
void showProgress(QProgressBar& bar, const JobStatus& status);

} // namespace eigenquant
