// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/check_page.h"

#include "ui/pages/check_results.h"
#include "ui/shell/jobs_line.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/labelled_fields.h"
#include "ui/widgets/path_field.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kSettingsWidth = 352;

QScrollArea* scrolled(QWidget* content)
{
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return scroll;
}

QString fileName(const QString& path)
{
    return QFileInfo(path).fileName();
}

} // namespace

CheckPage::CheckPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QHBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    QScrollArea* forms = scrolled(buildForms());
    forms->setFixedWidth(kSettingsWidth);
    layout->addWidget(forms);
    layout->addWidget(scrolled(new CheckResults(workspace())), 1);
    setContent(content);
    connectWorkspace();
    fillDefaults();
    showFailure({});
}

void CheckPage::connectWorkspace()
{
    connect(&workspace(), &Workspace::statisticsChanged, this, &CheckPage::showState);
    connect(&workspace(), &Workspace::modelChanged, this, &CheckPage::fillDefaults);
    connect(&workspace(), &Workspace::textsChanged, this, &CheckPage::fillDefaults);
    connect(&workspace(), &Workspace::gpuChanged, this, &CheckPage::showState);
    connect(&workspace(), &Workspace::resultsChanged, this, &CheckPage::showState);
    connect(&tasks(), &StudioTasks::checkStarted, this, [this] { showFailure({}); });
    connect(&tasks(), &StudioTasks::checkEnded, this, &CheckPage::showFailure);
    connect(&workspace().jobs(), &JobRunner::jobChanged, this, &CheckPage::showProgress);
}

QWidget* CheckPage::buildForms()
{
    auto* forms = new QWidget;
    auto* column = new QVBoxLayout(forms);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(buildRun());
    column->addWidget(buildText());
    column->addWidget(buildLatency());
    column->addStretch(1);
    return forms;
}

Card* CheckPage::buildRun()
{
    auto* card = new Card(tr("Check"));
    m_subject = makeQuietLabel();
    m_subject->setAccessibleName(tr("What is checked"));
    m_gpu = new QLabel;
    m_gpu->setWordWrap(true);
    m_gpu->setAccessibleName(tr("GPU"));
    m_onGpu = new QPushButton(tr("Check on the &GPU"));
    m_onGpu->setToolTip(tr("Perplexity through the kernels, and the latency of decoding"));
    m_onGpu->setMinimumHeight(32);
    m_onGpu->setDefault(true);
    m_onCpu = new QPushButton(tr("Check on the &CPU"));
    m_onCpu->setToolTip(tr("The same without a GPU: slow, and quantization does not make it faster"));
    m_onCpu->setMinimumHeight(32);
    m_shorter = new QCheckBox(tr("&Shorter on the CPU, which is slow"));
    m_shorter->setToolTip(
        tr("At most 4 windows of 512 tokens, 16 generated tokens and batches of 16; unticked, all of it"));
    m_shorter->setChecked(true);
    m_failure = new QLabel;
    m_failure->setWordWrap(true);
    m_failure->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_failure->setAccessibleName(tr("What went wrong"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_onGpu);
    buttons->addWidget(m_onCpu);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_subject, m_gpu})
        card->body()->addWidget(widget);
    card->body()->addLayout(buttons);
    card->body()->addWidget(m_shorter);
    card->body()->addWidget(buildProgress());
    card->body()->addWidget(m_failure);
    connect(m_onGpu, &QPushButton::clicked, this, [this] { start(true); });
    connect(m_onCpu, &QPushButton::clicked, this, [this] { start(false); });
    return card;
}

QWidget* CheckPage::buildProgress()
{
    m_running = new QWidget;
    auto* layout = new QVBoxLayout(m_running);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_stage = makeQuietLabel();
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(8);
    m_bar->setAccessibleName(tr("Progress of the check"));
    auto* cancel = new QPushButton(tr("Cancel"));
    cancel->setToolTip(tr("Stop the check; what is measured already stays"));
    connect(cancel, &QPushButton::clicked, &tasks(), &StudioTasks::cancelCheck);
    auto* row = new QHBoxLayout;
    row->addWidget(m_bar, 1);
    row->addWidget(cancel);
    layout->addLayout(row);
    layout->addWidget(m_stage);
    return m_running;
}

Card* CheckPage::buildText()
{
    auto* card = new Card(tr("Perplexity"));
    auto* form = card->addForm();
    m_text = new PathField(PathField::Kind::ExistingFile, tr("Check text"), tr("Texts (*.txt);;All files (*)"));
    m_context = makeCount(tr("Context"), tr("Tokens in a window; each window is scored on its own"), 2, 2048);
    m_windows =
        makeCount(tr("Windows"), tr("At most this many windows from the start of the text; 0 takes all"), 0, 16);
    m_windows->setSpecialValueText(tr("all"));
    form->addRow(tr("&Text"), m_text);
    form->addRow(tr("C&ontext"), m_context);
    form->addRow(tr("&Windows"), m_windows);
    connect(m_text, &PathField::pathChanged, this, &CheckPage::showState);
    return card;
}

Card* CheckPage::buildLatency()
{
    auto* card = new Card(tr("Latency of decoding"));
    auto* form = card->addForm();
    m_batches = new QLineEdit(QStringLiteral("1, 16, 64"));
    m_batches->setAccessibleName(tr("Batch sizes"));
    m_batches->setToolTip(tr("Sequences that are decoded at once: sizes from 1 to 4096 with commas between them"));
    m_kv = new QComboBox;
    m_kv->setAccessibleName(tr("Keys and values"));
    m_kv->setToolTip(tr("How keys and values of past tokens are kept; INT8 takes half the memory"));
    m_kv->addItem(tr("FP16"), int(KvPrecision::F16));
    m_kv->addItem(tr("INT8"), int(KvPrecision::Int8));
    m_prompt = makeCount(tr("Prompt"), tr("Tokens that are there before the first step"), 1, 8);
    m_generate = makeCount(tr("Generated"), tr("Steps that are timed"), 1, 256);
    form->addRow(tr("&Batch sizes"), m_batches);
    form->addRow(tr("&Keys and values"), m_kv);
    form->addRow(tr("&Prompt tokens"), m_prompt);
    form->addRow(tr("G&enerated tokens"), m_generate);
    connect(m_batches, &QLineEdit::textChanged, this, &CheckPage::showState);
    return card;
}

CheckOptions CheckPage::options() const
{
    CheckOptions options;
    options.text = {.file = m_text->path().toStdU16String(),
                    .context = m_context->value(),
                    .windows = m_windows->value()};
    options.batches = batchesFromText(m_batches->text());
    options.kv = KvPrecision(m_kv->currentData().toInt());
    options.prompt = m_prompt->value();
    options.generate = m_generate->value();
    return options;
}

void CheckPage::fillDefaults()
{
    if (!workspace().checkText().isEmpty())
        m_text->setPath(workspace().checkText());
    if (const ModelInfo* model = workspace().modelInfo(); model && model->contextLength > 0)
        m_context->setValue(std::min(m_context->value(), model->contextLength));
    showState();
}

void CheckPage::start(bool onGpu)
{
    tasks().check(onGpu || !m_shorter->isChecked() ? options() : shortened(options()), onGpu);
}

void CheckPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (isReady() && workspace().gpu().kind == GpuState::Kind::Unknown)
        tasks().lookForGpu();
}

void CheckPage::showState()
{
    showSubject();
    showGpu();
    const bool possible = !tasks().isChecking() && !workspace().checkSubject().isEmpty() &&
                          QFileInfo(m_text->path()).isFile() && !batchesFromText(m_batches->text()).empty();
    m_onGpu->setEnabled(possible && workspace().gpu().kind == GpuState::Kind::Usable);
    m_onCpu->setEnabled(possible);
    m_running->setVisible(tasks().isChecking());
}

void CheckPage::showSubject()
{
    const CheckSubject subject = workspace().checkSubject();
    if (subject.isEmpty())
        m_subject->setText(tr("Only the statistics are open. Open the model they describe, or a quantized one."));
    else if (!QFileInfo(m_text->path()).isFile())
        m_subject->setText(tr("Choose a text to measure the perplexity on."));
    else if (batchesFromText(m_batches->text()).empty())
        m_subject->setText(tr("Batch sizes are integers from 1 to 4096 with commas between them."));
    else if (subject.packed.isEmpty())
        m_subject->setText(tr("Checks %1 as it is; quantize it to see both.").arg(fileName(subject.original)));
    else if (subject.original.isEmpty())
        m_subject->setText(tr("Checks the checkpoint %1.").arg(fileName(subject.packed)));
    else
        m_subject->setText(
            tr("Checks the checkpoint %1 beside %2.").arg(fileName(subject.packed), fileName(subject.original)));
}

void CheckPage::showGpu()
{
    const GpuState& gpu = workspace().gpu();
    switch (gpu.kind) {
    case GpuState::Kind::Unknown:
        m_gpu->setText(tr("GPU: not looked for yet"));
        break;
    case GpuState::Kind::Looking:
        m_gpu->setText(tr("GPU: looking for one…"));
        break;
    case GpuState::Kind::Usable:
        m_gpu->setText(tr("GPU: %1").arg(gpu.detail));
        break;
    case GpuState::Kind::Missing:
        m_gpu->setText(tr("GPU: none to work with, so only the CPU can check. The reason: %1").arg(gpu.detail));
        break;
    }
}

void CheckPage::showProgress(const JobStatus& status)
{
    if (!tasks().isChecking() || !status.tag.startsWith(QLatin1String("check-")) || status.state != JobState::Running)
        return;
    eigenquant::showProgress(*m_bar, status);
    m_stage->setText(status.title + QLatin1Char('\n') + describeProgress(status));
}

void CheckPage::showFailure(const QString& message)
{
    m_stage->setText(tr("Waiting for other jobs"));
    m_bar->setRange(0, 0);
    m_failure->setText(message.isEmpty() ? QString() : tr("The check is not complete: %1").arg(message));
    m_failure->setVisible(!message.isEmpty());
    showState();
}

} // namespace eigenquant
