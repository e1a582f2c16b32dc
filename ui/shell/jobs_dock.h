// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"

#include <QDockWidget>

#include <map>

class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace eigenquant {

class JobsLine;

/// A slim line about jobs; opened, the running and queued ones with stage, bar, time left and cancel, and a log.
class JobsDock : public QDockWidget {
    Q_OBJECT

public:
    explicit JobsDock(JobRunner& runner, QWidget* parent = nullptr);
    void log(const QString& line);
    bool isOpen() const;
    void setOpen(bool isOpen);

private:
    struct Row {
        QWidget* widget = nullptr;
        QLabel* title = nullptr;
        QLabel* detail = nullptr;
        QProgressBar* bar = nullptr;
    };

    void follow(const JobStatus& status);
    Row makeRow(const JobStatus& status);
    void update(Row& row, const JobStatus& status);
    void logEnd(const JobStatus& status);

    JobRunner& m_runner;
    std::map<std::uint64_t, Row> m_rows;
    JobsLine* m_line = nullptr;
    QWidget* m_body = nullptr;
    QVBoxLayout* m_list = nullptr;
    QLabel* m_idle = nullptr;
    QPlainTextEdit* m_log = nullptr;
};

} // namespace eigenquant
