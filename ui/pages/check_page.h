// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_status.h"
#include "ui/pages/page.h"
#include "ui/state/check_options.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace eigenquant {

class Card;
class PathField;

/// What quantizing cost and gained: perplexity of both models, and the latency of decoding beside FP16, on the GPU in
/// one click or on the CPU.
class CheckPage : public Page {
    Q_OBJECT

public:
    explicit CheckPage(PageContext context);

protected:
    bool isReady() const override { return workspace().statistics() || workspace().session(); }
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildForms();
    Card* buildText();
    Card* buildLatency();
    Card* buildRun();
    QWidget* buildProgress();
    void connectWorkspace();
    CheckOptions options() const;
    void fillDefaults();
    void start(bool onGpu);
    void showState();
    void showSubject();
    void showGpu();
    void showProgress(const JobStatus& status);
    void showFailure(const QString& message);

    PathField* m_text = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_windows = nullptr;
    QLineEdit* m_batches = nullptr;
    QComboBox* m_kv = nullptr;
    QSpinBox* m_prompt = nullptr;
    QSpinBox* m_generate = nullptr;
    QCheckBox* m_shorter = nullptr;
    QLabel* m_subject = nullptr;
    QLabel* m_gpu = nullptr;
    QPushButton* m_onGpu = nullptr;
    QPushButton* m_onCpu = nullptr;
    QWidget* m_running = nullptr;
    QLabel* m_stage = nullptr;
    QProgressBar* m_bar = nullptr;
    QLabel* m_failure = nullptr;
};

} // namespace eigenquant
