// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plan_editor.h"

#include "core/results/statistics.h"
#include "ui/text/format.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include <cmath>

namespace eigenquant {

namespace {

template <typename Enum>
QComboBox* choice(const QString& name, const QString& toolTip, std::initializer_list<Enum> values,
                  QString (*title)(Enum))
{
    auto* box = new QComboBox;
    box->setAccessibleName(name);
    box->setToolTip(toolTip);
    for (const Enum value : values)
        box->addItem(title(value), int(value));
    return box;
}

void choose(QComboBox& box, int value)
{
    if (const int at = box.findData(value); at >= 0)
        box.setCurrentIndex(at);
}

/// "1/32" where that is what it is, "0.04" otherwise, "16" for a count.
QString budgetText(const SalientBudget& budget)
{
    if (!budget.isFraction)
        return QString::number(budget.value, 'f', 0);
    const double inverse = budget.value > 0 ? 1 / budget.value : 0;
    if (inverse >= 1 && inverse == std::round(inverse))
        return QStringLiteral("1/%1").arg(inverse);
    const QString text = QString::number(budget.value, 'g', 6);
    return text.contains(QLatin1Char('.')) ? text : text + QStringLiteral(".0");
}

} // namespace

PlanEditor::PlanEditor(QWidget* parent) : QWidget(parent)
{
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(3);
    buildFields(*grid);
    buildButtons(*grid);
    connect(m_method, &QComboBox::currentIndexChanged, this, &PlanEditor::updateEnabled);
    connect(m_rotate, &QCheckBox::toggled, this, &PlanEditor::updateEnabled);
    setOptions({});
}

void PlanEditor::buildFields(QGridLayout& grid)
{
    m_method = choice(tr("Method"), tr("How the linears are quantized"),
                      {Method::Rosaq, Method::Salient, Method::Rtn, Method::Float}, text::methodTitle);
    m_bits = new QSpinBox;
    m_bits->setRange(kMinBits, kMaxBits);
    m_bits->setToolTip(tr("Width of the codes"));
    m_groupSize = new QComboBox;
    m_groupSize->setToolTip(tr("Weights of a row that share a scale"));
    m_salient = new QLineEdit;
    m_salient->setToolTip(tr("Channels that stay FP16: a count such as 16, or a fraction such as 1/32"));
    m_salient->setMaximumWidth(90);
    m_select = choice(tr("Which stay FP16"), tr("Which dimensions of the basis stay FP16"),
                      {Select::Top, Select::TopBottom, Select::Random, Select::Bottom}, text::selectTitle);
    m_attnOut = choice(tr("Attention output"), tr("How ROSAQ treats the input of o"),
                       {SiteTreatment::HeadWise, SiteTreatment::Full, SiteTreatment::Salient, SiteTreatment::None},
                       text::treatmentTitle);
    m_mlpOut = choice(tr("MLP output"), tr("How ROSAQ treats the input of down"),
                      {SiteTreatment::Full, SiteTreatment::Salient, SiteTreatment::None}, text::treatmentTitle);
    const std::pair<QString, QWidget*> fields[] = {
        {tr("Method"), m_method},  {tr("Bits"), m_bits},
        {tr("Group"), m_groupSize}, {tr("K"), m_salient},
        {tr("Stay FP16"), m_select}, {tr("attn_out"), m_attnOut},
        {tr("mlp_out"), m_mlpOut},
    };
    int column = 0;
    for (const auto& [title, field] : fields) {
        auto* label = new QLabel(title);
        label->setBuddy(field);
        label->setForegroundRole(QPalette::PlaceholderText);
        field->setAccessibleName(title);
        grid.addWidget(label, 0, column);
        grid.addWidget(field, 1, column++);
    }
    grid.setColumnStretch(column, 1);
}

void PlanEditor::buildButtons(QGridLayout& grid)
{
    m_rotate = new QCheckBox(tr("Rotate"));
    m_rotate->setToolTip(tr("ROSAQ without its rotation keeps the strongest original channels"));
    m_mixRest = new QCheckBox(tr("Mix the rest"));
    m_mixRest->setToolTip(tr("A random rotation inside the dimensions that are not salient"));
    m_symmetric = new QCheckBox(tr("Symmetric grid"));
    m_symmetric->setToolTip(tr("No zero point"));
    m_applySelected = new QPushButton(tr("Apply to selected rows"));
    m_applySelected->setToolTip(tr("Plan only the selected rows anew"));
    auto* applyAll = new QPushButton(tr("Apply to all"));
    applyAll->setToolTip(tr("Plan every site anew from these settings"));
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 6, 0, 0);
    row->setSpacing(14);
    for (QCheckBox* check : {m_rotate, m_mixRest, m_symmetric})
        row->addWidget(check);
    row->addStretch(1);
    row->addWidget(m_applySelected);
    row->addWidget(applyAll);
    grid.addLayout(row, 2, 0, 1, -1);
    connect(m_applySelected, &QPushButton::clicked, this, [this] { emit applyRequested(true); });
    connect(applyAll, &QPushButton::clicked, this, [this] { emit applyRequested(false); });
    setSelectedRows(0);
}

void PlanEditor::setOptions(const PlanOptions& options)
{
    choose(*m_method, int(options.method));
    m_bits->setValue(options.bits);
    choose(*m_groupSize, options.groupSize);
    m_salient->setText(budgetText(options.salient));
    choose(*m_select, int(options.select));
    choose(*m_attnOut, int(options.attnOut));
    choose(*m_mlpOut, int(options.mlpOut));
    m_rotate->setChecked(options.rotate);
    m_mixRest->setChecked(options.mixRest);
    m_symmetric->setChecked(options.symmetric);
    m_seed = options.seed;
    updateEnabled();
}

PlanOptions PlanEditor::options() const
{
    PlanOptions options;
    options.method = Method(m_method->currentData().toInt());
    options.bits = m_bits->value();
    if (m_groupSize->currentIndex() >= 0)
        options.groupSize = m_groupSize->currentData().toInt();
    options.salient = SalientBudget::parse(m_salient->text().trimmed().toStdString());
    options.select = Select(m_select->currentData().toInt());
    options.attnOut = SiteTreatment(m_attnOut->currentData().toInt());
    options.mlpOut = SiteTreatment(m_mlpOut->currentData().toInt());
    options.rotate = m_rotate->isChecked();
    options.mixRest = m_mixRest->isChecked();
    options.symmetric = m_symmetric->isChecked();
    options.seed = m_seed;
    return options;
}

void PlanEditor::setGroupSizes(const std::vector<int>& sizes)
{
    const QVariant present = m_groupSize->currentData();
    m_groupSize->clear();
    for (const int size : sizes)
        m_groupSize->addItem(size == 0 ? tr("whole row") : QString::number(size), size);
    if (present.isValid())
        choose(*m_groupSize, present.toInt());
}

void PlanEditor::setSelectedRows(int count)
{
    m_applySelected->setEnabled(count > 0);
    m_applySelected->setText(count > 0 ? tr("Apply to selected rows (%1)").arg(count) : tr("Apply to selected rows"));
}

void PlanEditor::updateEnabled()
{
    const auto method = Method(m_method->currentData().toInt());
    const bool rosaq = method == Method::Rosaq;
    const bool salient = rosaq || method == Method::Salient;
    m_bits->setEnabled(method != Method::Float);
    m_groupSize->setEnabled(method != Method::Float);
    m_symmetric->setEnabled(method != Method::Float);
    m_salient->setEnabled(salient);
    m_select->setEnabled(salient);
    m_rotate->setEnabled(rosaq);
    m_mixRest->setEnabled(rosaq && m_rotate->isChecked());
    m_attnOut->setEnabled(rosaq && m_rotate->isChecked());
    m_mlpOut->setEnabled(rosaq && m_rotate->isChecked());
}

} // namespace eigenquant
