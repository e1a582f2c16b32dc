// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/analyze_dialog.h"

#include "ui/widgets/path_field.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kDefaultContext = 2048;
constexpr int kDefaultWindows = 32;

} // namespace

QString defaultOutputPath(const QString& fileName)
{
    QString safe = fileName;
    safe.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("-"));
    const QDir documents(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    return documents.filePath(QStringLiteral("Eigenquant/") + safe);
}

AnalyzeDialog::AnalyzeDialog(Workspace& workspace, QWidget* parent) : QDialog(parent), m_workspace(workspace)
{
    setWindowTitle(tr("Analyse %1").arg(workspace.title()));
    setMinimumWidth(660);
    auto* layout = new QVBoxLayout(this);
    auto* intro = new QLabel(tr("The text runs through the model once. What is kept is small: eigenvalues, channel "
                                "energies and rounding errors, enough to plan without the model."),
                             this);
    intro->setWordWrap(true);
    layout->addWidget(intro);
    auto* form = new QFormLayout;
    layout->addLayout(form);
    buildForm(*form);
    m_notice = new QLabel(this);
    m_notice->setWordWrap(true);
    layout->addWidget(m_notice);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_buttons->button(QDialogButtonBox::Ok)->setText(tr("Analyse"));
    layout->addWidget(m_buttons);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_text, &PathField::pathChanged, this, &AnalyzeDialog::check);
    connect(m_out, &PathField::pathChanged, this, &AnalyzeDialog::check);
    fillDefaults();
}

void AnalyzeDialog::buildForm(QFormLayout& form)
{
    m_text = new PathField(PathField::Kind::ExistingFile, tr("Calibration text"), tr("Texts (*.txt);;All files (*)"));
    m_context = new QSpinBox;
    m_context->setRange(8, 1 << 20);
    m_context->setToolTip(tr("Tokens in a window; each window is read on its own"));
    m_windows = new QSpinBox;
    m_windows->setRange(1, 1 << 20);
    m_windows->setToolTip(tr("At most this many windows from the start of the text"));
    m_out = new PathField(PathField::Kind::NewFile, tr("Statistics file"), tr("Statistics (*.stats)"));
    m_keepMoments = new QCheckBox(tr("Keep the second moments, so that quantizing need not read the text again"));
    m_keepMoments->setChecked(true);
    m_normsOnly = new QCheckBox(tr("Channel norms only (fast; for CMPQ)"));
    m_normsOnly->setToolTip(tr("Takes no second moments: no spectra and no rotations, but memory that grows with the "
                               "channels alone"));
    connect(m_normsOnly, &QCheckBox::toggled, m_keepMoments, &QCheckBox::setDisabled);
    form.addRow(tr("Calibration &text"), m_text);
    form.addRow(tr("&Context, tokens"), m_context);
    form.addRow(tr("&Windows"), m_windows);
    form.addRow(tr("&Statistics file"), m_out);
    form.addRow(QString(), m_normsOnly);
    form.addRow(QString(), m_keepMoments);
}

void AnalyzeDialog::fillDefaults()
{
    const ModelInfo* model = m_workspace.modelInfo();
    const int longest = model && model->contextLength > 0 ? model->contextLength : kDefaultContext;
    m_context->setValue(std::min(kDefaultContext, longest));
    m_windows->setValue(kDefaultWindows);
    m_text->setPath(m_workspace.calibrationText());
    m_out->setPath(defaultOutputPath(m_workspace.title() + QStringLiteral(".stats")));
    check();
}

void AnalyzeDialog::check()
{
    const bool hasText = QFileInfo(m_text->path()).isFile();
    const bool hasOut = !m_out->path().isEmpty();
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(hasText && hasOut);
    if (!hasText)
        m_notice->setText(tr("Choose a calibration text: any plain text of some hundred kilobytes."));
    else if (QFileInfo::exists(m_out->path()))
        m_notice->setText(tr("The statistics file exists and will be replaced."));
    else
        m_notice->clear();
}

AnalyzeOptions AnalyzeDialog::options() const
{
    AnalyzeOptions options;
    options.text.file = m_text->path().toStdU16String();
    options.text.context = m_context->value();
    options.text.windows = m_windows->value();
    options.out = m_out->path().toStdU16String();
    options.normsOnly = m_normsOnly->isChecked();
    options.keepMoments = m_keepMoments->isChecked() && !options.normsOnly;
    options.overwrite = true;
    QDir().mkpath(QFileInfo(m_out->path()).absolutePath());
    return options;
}

} // namespace eigenquant
