// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize_page.h"

#include "ui/models/result_tables.h"
#include "ui/shell/analyze_dialog.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/path_field.h"
#include "ui/widgets/result_folder.h"
#include "ui/widgets/table_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <utility>

namespace eigenquant {

namespace {

constexpr int kFormWidth = 430;

QPushButton* mainButton(const QString& text, const QString& toolTip)
{
    auto* button = new QPushButton(text);
    button->setToolTip(toolTip);
    button->setMinimumHeight(32);
    return button;
}

QTableView* resultTable(const QString& name, QAbstractItemModel& model)
{
    auto* view = new QTableView;
    view->setAccessibleName(name);
    setUpTable(*view, model);
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    view->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    return view;
}

/// What the plan expects of every linear, as long as nothing was measured.
std::vector<LinearOutcome> expectedOutcomes(const Plan& plan)
{
    std::vector<LinearOutcome> outcomes;
    for (const LinearPlan& linear : plan.linears)
        outcomes.push_back({.id = linear.id,
                            .effectiveBits = linear.effectiveBits,
                            .rotationBits = linear.rotationBits,
                            .bytes = linear.bytes,
                            .predictedError = linear.predictedError,
                            .outputError = std::numeric_limits<double>::quiet_NaN()});
    return outcomes;
}

} // namespace

QuantizePage::QuantizePage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QHBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(buildForms());
    layout->addWidget(buildResults(), 1);
    setContent(content);
    connect(&workspace(), &Workspace::statisticsChanged, this, &QuantizePage::fillDefaults);
    connect(&workspace(), &Workspace::modelChanged, this, &QuantizePage::fillDefaults);
    connect(&workspace(), &Workspace::resultsChanged, this, &QuantizePage::showResults);
    connect(&workspace().plan(), &PlanDocument::totalsChanged, this, &QuantizePage::followPlan);
    // Pressed twice, a button would begin anew what is half done.
    connect(&workspace().jobs(), &JobRunner::jobChanged, this, &QuantizePage::updateEnabled);
    fillDefaults();
    showResults();
}

QWidget* QuantizePage::buildForms()
{
    auto* forms = new QWidget;
    auto* column = new QVBoxLayout(forms);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(buildQuantize());
    column->addWidget(buildExport());
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(forms);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedWidth(kFormWidth);
    return scroll;
}

Card* QuantizePage::buildQuantize()
{
    auto* card = new Card(tr("Quantize"));
    m_quantizeNotice = new QLabel;
    m_quantizeNotice->setWordWrap(true);
    m_quantizeNotice->setForegroundRole(QPalette::PlaceholderText);
    card->body()->addWidget(m_quantizeNotice);
    auto* form = card->addForm();
    m_quantizeFolder = new PathField(PathField::Kind::NewFolder, tr("Checkpoint folder"), {});
    m_quantizeReplace = new QCheckBox(tr("Replace the folder if it exists"));
    form->addRow(tr("&Folder"), m_quantizeFolder);
    form->addRow(QString(), m_quantizeReplace);
    m_quantize = mainButton(tr("&Quantize"), tr("Carry the plan out and write the packed checkpoint"));
    card->body()->addWidget(m_quantize);
    m_checkpoint = new ResultFolder(tr("Checkpoint folder"));
    card->body()->addWidget(m_checkpoint);
    connect(m_quantize, &QPushButton::clicked, this, &QuantizePage::startQuantize);
    connect(m_quantizeFolder, &PathField::pathChanged, this, &QuantizePage::updateEnabled);
    return card;
}

Card* QuantizePage::buildExport()
{
    auto* card = new Card(tr("Export"));
    auto* form = card->addForm();
    m_format = new QComboBox;
    m_format->addItem(tr("Hugging Face (dequantized)"), QStringLiteral("hf"));
    m_format->setAccessibleName(tr("Export format"));
    m_format->setToolTip(tr("Safetensors in the model's own layout, for evaluation in other programs"));
    m_dtype = new QComboBox;
    m_dtype->setAccessibleName(tr("Number type"));
    for (const char* dtype : {"bf16", "f16", "f32"})
        m_dtype->addItem(QString::fromLatin1(dtype));
    m_dtype->setToolTip(tr("Number type of the exported weights"));
    m_exportFolder = new PathField(PathField::Kind::NewFolder, tr("Export folder"), {});
    m_exportReplace = new QCheckBox(tr("Replace the folder if it exists"));
    form->addRow(tr("F&ormat"), m_format);
    form->addRow(tr("&Number type"), m_dtype);
    form->addRow(tr("Fol&der"), m_exportFolder);
    form->addRow(QString(), m_exportReplace);
    m_loadsIn = new QLabel;
    m_loadsIn->setWordWrap(true);
    card->body()->addWidget(m_loadsIn);
    m_export = mainButton(tr("&Export"), tr("Write a checkpoint that other programs load, and read it back"));
    card->body()->addWidget(m_export);
    m_exported = new ResultFolder(tr("Export folder"));
    card->body()->addWidget(m_exported);
    connect(m_export, &QPushButton::clicked, this, &QuantizePage::startExport);
    connect(m_exportFolder, &PathField::pathChanged, this, &QuantizePage::updateEnabled);
    return card;
}

Card* QuantizePage::buildResults()
{
    auto* card = new Card(tr("Every linear"));
    m_summary = new QLabel;
    m_summary->setForegroundRole(QPalette::PlaceholderText);
    card->body()->addWidget(m_summary);
    m_outcomes = new OutcomeTable(this);
    card->body()->addWidget(resultTable(tr("Every linear"), *m_outcomes), 1);
    return card;
}

void QuantizePage::fillDefaults()
{
    const QString name = workspace().title();
    if (m_quantizeFolder->path().isEmpty() && !name.isEmpty())
        m_quantizeFolder->setPath(defaultOutputPath(name + QStringLiteral("-packed")));
    if (m_exportFolder->path().isEmpty() && !name.isEmpty())
        m_exportFolder->setPath(defaultOutputPath(name + QStringLiteral("-hf")));
    updateEnabled();
}

void QuantizePage::updateEnabled()
{
    const bool hasModel = workspace().session() != nullptr;
    const bool matches = workspace().statisticsMatchModel();
    const bool quantized = workspace().results().quantized.has_value();
    const auto isActive = [this](const QString& tag) {
        return std::ranges::any_of(workspace().jobs().activeJobs(),
                                   [&](const JobStatus& job) { return job.tag == tag; });
    };
    m_quantize->setEnabled(hasModel && matches && !isActive(QStringLiteral("quantize")) &&
                           !m_quantizeFolder->path().isEmpty());
    m_export->setEnabled(quantized && !isActive(QStringLiteral("export")) && !m_exportFolder->path().isEmpty());
    if (!hasModel)
        m_quantizeNotice->setText(tr("Only the statistics are open. Open the model they describe to quantize it."));
    else if (!matches)
        m_quantizeNotice->setText(tr("The open statistics are of another model. Open the right ones, or analyse "
                                     "this model."));
    else
        m_quantizeNotice->setText(tr("Carries the plan of the Budgets page out, layer by layer."));
}

void QuantizePage::followPlan()
{
    // Filling the tables for every step of a drag on another page would make the drag stutter.
    m_stale = !isVisible();
    if (!m_stale)
        showResults();
}

void QuantizePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (std::exchange(m_stale, false))
        showResults();
}

void QuantizePage::showResults()
{
    const WorkspaceResults& results = workspace().results();
    const PlanTotals& totals = workspace().plan().totals();
    const auto summarize = [](const QString& how, double bits, double rotations, std::uint64_t bytes) {
        return rotations > 0 ? tr("%1: %2 effective bits, %3 of them for rotations, %4")
                                   .arg(how, text::fixed(bits, 3), text::fixed(rotations, 3), text::bytes(bytes))
                             : tr("%1: %2 effective bits, %3").arg(how, text::fixed(bits, 3), text::bytes(bytes));
    };
    const auto& quantized = results.quantized;
    m_summary->setText(
        quantized ? summarize(tr("As quantized"), quantized->effectiveBits, quantized->rotationBits, quantized->bytes)
                  : summarize(tr("As planned"), totals.effectiveBits, totals.rotationBits, totals.bytes));
    m_outcomes->setOutcomes(results.quantized ? results.quantized->linears
                                              : expectedOutcomes(workspace().plan().plan()));
    m_checkpoint->setFolder(results.quantized ? QString::fromStdString(results.quantized->directory) : QString());
    m_exported->setFolder(results.exported ? QString::fromStdString(results.exported->directory) : QString());
    QStringList programs;
    if (results.exported)
        for (const std::string& program : results.exported->loadsIn)
            programs << QString::fromStdString(program);
    m_loadsIn->setText(results.exported ? tr("Exported and read back. Loads in: <b>%1</b>").arg(programs.join(tr(", ")))
                                        : tr("The export is read back and checked before it is called done."));
    updateEnabled();
}

void QuantizePage::startQuantize()
{
    QuantizeOptions options;
    options.out = m_quantizeFolder->path().toStdU16String();
    options.overwrite = m_quantizeReplace->isChecked();
    if (!workspace().statistics()->hasMoments && !workspace().statistics()->normsOnly)
        options.text = TextOptions{.file = workspace().calibrationText().toStdU16String(),
                                   .context = workspace().statistics()->context,
                                   .windows = workspace().statistics()->windows};
    QDir().mkpath(QFileInfo(m_quantizeFolder->path()).absolutePath());
    tasks().quantize(options);
}

void QuantizePage::startExport()
{
    ExportOptions options;
    options.format = m_format->currentData().toString().toStdString();
    options.dtype = m_dtype->currentText().toStdString();
    options.out = m_exportFolder->path().toStdU16String();
    options.overwrite = m_exportReplace->isChecked();
    QDir().mkpath(QFileInfo(m_exportFolder->path()).absolutePath());
    tasks().exportQuantized(options);
}

} // namespace eigenquant
