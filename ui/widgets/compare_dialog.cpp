// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/compare_dialog.h"

#include "ui/shell/analyze_dialog.h"
#include "ui/state/plan_choices.h"
#include "ui/text/format.h"
#include "ui/widgets/labelled_fields.h"
#include "ui/widgets/path_field.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr int kWidth = 560;

QLineEdit* listField(const QString& name, const QString& value, const QString& toolTip)
{
    auto* edit = new QLineEdit(value);
    edit->setAccessibleName(name);
    edit->setToolTip(toolTip);
    return edit;
}

} // namespace

CompareDialog::CompareDialog(const Workspace& workspace, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Compare ways to quantize"));
    setMinimumWidth(kWidth);
    auto* form = new QFormLayout(this);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    m_bits = listField(tr("Bits"), QStringLiteral("3, 4"), tr("Widths with commas between them"));
    m_salient =
        listField(tr("K"), QStringLiteral("1/32"), tr("Salient channels, as counts or fractions, with commas"));
    m_groups = listField(tr("Group sizes"), QStringLiteral("128"), tr("Weights that share a scale, with commas"));
    m_text = new PathField(PathField::Kind::ExistingFile, tr("Text"), tr("Texts (*.txt);;All files (*)"));
    m_text->setPath(workspace.checkText().isEmpty() ? workspace.calibrationText() : workspace.checkText());
    const int longest = workspace.modelInfo() ? workspace.modelInfo()->contextLength : 0;
    m_context = makeCount(tr("Context"), tr("Tokens in a window"), 2, longest > 0 ? std::min(longest, 512) : 512);
    m_windows = makeCount(tr("Windows"), tr("At most so many windows of the text; 0 takes all"), 0, 8);
    m_windows->setSpecialValueText(tr("all"));
    m_keep = makeCheck(tr("&Keep the checkpoints"), tr("So that decoding with them can be timed; they take room"));
    m_keep->setChecked(true);
    m_folder = new PathField(PathField::Kind::NewFolder, tr("Report folder"), {});
    m_folder->setPath(defaultOutputPath(workspace.title() + QStringLiteral("-comparison")));
    form->addRow(tr("Methods"), buildMethods(workspace));
    form->addRow(tr("&Bits"), m_bits);
    form->addRow(tr("K"), m_salient);
    form->addRow(tr("&Group sizes"), m_groups);
    form->addRow(tr("&Text"), m_text);
    form->addRow(tr("C&ontext"), m_context);
    form->addRow(tr("&Windows"), m_windows);
    form->addRow(QString(), m_keep);
    form->addRow(tr("Report &folder"), m_folder);
    auto* note = makeQuietLabel();
    note->setText(tr("A folder that holds rows already is gone on with: what is done there is not done again."));
    form->addRow(note);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_run = buttons->addButton(tr("&Run"), QDialogButtonBox::AcceptRole);
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_text, &PathField::pathChanged, this, &CompareDialog::updateEnabled);
    connect(m_folder, &PathField::pathChanged, this, &CompareDialog::updateEnabled);
    updateEnabled();
}

QWidget* CompareDialog::buildMethods(const Workspace& workspace)
{
    auto* box = new QWidget;
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    const KnownStatistics known =
        workspace.statistics() ? KnownStatistics::of(*workspace.statistics()) : KnownStatistics{};
    for (const Method method : methodsFor(known)) {
        if (method == Method::Float)
            continue; // is in every comparison
        auto* check = makeCheck(text::methodTitle(method), text::methodSummary(method));
        check->setProperty("method", QString(text::fromStd(name(method))));
        check->setChecked(method == Method::Rosaq || method == Method::Salient || method == Method::Rtn);
        connect(check, &QCheckBox::toggled, this, &CompareDialog::updateEnabled);
        const int place = int(m_methods.size());
        grid->addWidget(check, place / 4, place % 4);
        m_methods.push_back(check);
    }
    return box;
}

CompareRequest CompareDialog::request() const
{
    CompareRequest request{.bits = m_bits->text(), .salient = m_salient->text(), .groupSizes = m_groups->text()};
    for (const QCheckBox* check : m_methods)
        if (check->isChecked())
            request.methods << check->property("method").toString();
    request.text = m_text->path();
    request.context = m_context->value();
    request.windows = m_windows->value();
    request.keep = m_keep->isChecked();
    request.folder = m_folder->path();
    return request;
}

bool CompareDialog::isComplete() const
{
    const bool anyMethod =
        std::ranges::any_of(m_methods, [](const QCheckBox* check) { return check->isChecked(); });
    return anyMethod && QFileInfo(m_text->path()).isFile() && !m_folder->path().isEmpty();
}

void CompareDialog::updateEnabled()
{
    if (m_run)
        m_run->setEnabled(isComplete());
}

} // namespace eigenquant
