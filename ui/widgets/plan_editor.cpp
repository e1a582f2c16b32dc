// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plan_editor.h"

#include "ui/text/format.h"
#include "ui/widgets/labelled_fields.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedLayout>

#include <cmath>

namespace eigenquant {

namespace {

constexpr double kLeastTarget = 0.5;
constexpr double kMostTarget = 16;
constexpr double kMostOutliers = 10; // percent

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

/// The share that is written so: 0.0045 for 0.45 %, not a neighbour of it.
double shareOf(const QDoubleSpinBox& percent)
{
    return std::round(percent.value() * 1000) / 100000;
}

template <typename Enum>
Enum chosen(const QComboBox& box)
{
    return Enum(box.currentData().toInt());
}

} // namespace

PlanEditor::PlanEditor(QWidget* parent) : QWidget(parent)
{
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(8);
    rows->addLayout(buildHeader());
    rows->addLayout(buildCodes());
    m_second = new QStackedLayout;
    rows->addLayout(m_second); // before its pages: one without a parent would be a window
    m_second->addWidget(buildBasis());
    m_second->addWidget(buildOutliers());
    offerMethods();
    setOptions({});
    connectFields();
}

QLayout* PlanEditor::buildHeader()
{
    auto* row = new QHBoxLayout;
    auto* title = new QLabel(tr("Plan from settings"));
    QFont font = title->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.05);
    title->setFont(font);
    m_hint = new QLabel;
    m_hint->setForegroundRole(QPalette::PlaceholderText);
    m_hint->setWordWrap(true);
    m_applySelected = new QPushButton;
    m_applySelected->setToolTip(tr("Plan only the selected rows anew; with target bits, bring the whole plan to the "
                                   "target by them alone"));
    m_applyAll = new QPushButton(tr("Apply to all"));
    m_applyAll->setToolTip(tr("Plan every site anew from these settings; locked ones stay"));
    row->setSpacing(14);
    row->addWidget(title);
    row->addWidget(m_hint, 1);
    row->addWidget(m_applySelected);
    row->addWidget(m_applyAll);
    return row;
}

QLayout* PlanEditor::buildCodes()
{
    m_method = new QComboBox;
    m_method->setToolTip(tr("How the linears are quantized"));
    m_bits = makeNumber(tr("Width of the codes; CMPQ and ETQ take fractions, for a mean"), kMinBits, kMaxBits, 0, 1);
    m_groupSize = new QComboBox;
    m_groupSize->setToolTip(tr("Weights of a row that share a scale"));
    m_rounding = makeChoice(tr("Nearest value, or GPTQ: later columns make up for rounding errors"),
                            {Rounding::Rtn, Rounding::Gptq}, text::roundingTitle);
    m_symmetric = makeCheck(tr("Symmetric grid"), tr("No zero point"));
    m_activationOrder = makeCheck(tr("Activation order"), tr("GPTQ takes the columns by falling energy"));
    m_clip = makeCheck(tr("Clip ranges"), tr("AWQ clips each group's range for the least output error"));
    auto* row = new FieldRow;
    row->addField(tr("Method"), m_method);
    row->addField(tr("Bits"), m_bits);
    m_targetBits =
        makeNumber(tr("Effective bits over all linears, rotations included"), kLeastTarget, kMostTarget, 2, 0.25);
    m_targetBits->setAccessibleName(tr("Target bits"));
    m_targetBits->setValue(4.5);
    m_hasTarget = makeCheck(tr("Target bits"), {});
    row->addField(m_hasTarget, m_targetBits);
    row->addField(tr("Group"), m_groupSize);
    row->addField(tr("Rounding"), m_rounding);
    for (QCheckBox* check : {m_symmetric, m_activationOrder, m_clip})
        row->addBare(check);
    row->addStretch(1);
    return row;
}

QWidget* PlanEditor::buildBasis()
{
    using enum SiteTreatment;
    m_scope = makeChoice(tr("Each site its own rotation, or one for the residual stream, merged into the weights"),
                         {RotationScope::PerSite, RotationScope::Global}, text::scopeTitle);
    m_basis =
        makeChoice(tr("Where rotations come from: the eigenvectors of XᵀX, a random orthogonal matrix, a Hadamard "
                      "matrix with random signs, or nowhere"),
                   {RotationKind::Pca, RotationKind::Random, RotationKind::Hadamard, RotationKind::None},
                   text::rotationKindTitle);
    m_attnOut = makeChoice(tr("How the input of o is treated; head by head costs nothing at run time"),
                           {HeadWise, Full, Salient, None}, text::treatmentTitle);
    m_mlpOut = makeChoice(tr("How the input of down is treated"), {Full, Salient, None}, text::treatmentTitle);
    m_salient = new QLineEdit;
    m_salient->setToolTip(tr("Channels that stay FP16: a count such as 16, or a fraction such as 1/32"));
    m_salient->setMaximumWidth(80);
    m_select = makeChoice(tr("Which dimensions of the basis stay FP16"),
                          {Select::Top, Select::TopBottom, Select::Random, Select::Bottom}, text::selectTitle);
    m_mixRest = makeCheck(tr("Mix the rest"), tr("A random rotation inside the dimensions that are not salient"));
    auto* page = new QWidget;
    auto* row = new FieldRow;
    page->setLayout(row);
    row->addField(tr("Rotation"), m_scope);
    row->addField(tr("Basis"), m_basis);
    row->addField(tr("attn_out"), m_attnOut);
    row->addField(tr("mlp_out"), m_mlpOut);
    row->addField(tr("K"), m_salient);
    row->addField(tr("Stay FP16"), m_select);
    row->addBare(m_mixRest);
    row->addStretch(1);
    return page;
}

QWidget* PlanEditor::buildOutliers()
{
    const auto percent = [](const QString& toolTip) {
        auto* box = makeNumber(toolTip, 0, kMostOutliers, 3, 0.05);
        box->setSuffix(QStringLiteral(" %"));
        return box;
    };
    m_activationOutliers =
        percent(tr("Weights with the largest |w|·‖x‖ stay FP16; taken out before the codebooks are made"));
    m_quantizationOutliers =
        percent(tr("Weights with the largest squared error·‖x‖² stay FP16; taken out after the codebooks are made"));
    m_fourAndTwo = makeCheck(tr("4 and 2 bits between 2 and 3"),
                             tr("A mean between 2 and 3 mixes channels of 4 and 2 bits, in place of 3 and 2"));
    auto* page = new QWidget;
    auto* row = new FieldRow;
    page->setLayout(row);
    row->addField(tr("Activation outliers"), m_activationOutliers);
    row->addField(tr("Quantization outliers"), m_quantizationOutliers);
    row->addBare(m_fourAndTwo);
    row->addStretch(1);
    return page;
}

void PlanEditor::connectFields()
{
    connect(m_applySelected, &QPushButton::clicked, this, [this] { emit applyRequested(true); });
    connect(m_applyAll, &QPushButton::clicked, this, [this] { emit applyRequested(false); });
    connect(m_method, &QComboBox::currentIndexChanged, this, &PlanEditor::takeMethod);
    connect(m_scope, &QComboBox::currentIndexChanged, this, &PlanEditor::takeScope);
    connect(m_hasTarget, &QCheckBox::toggled, this, &PlanEditor::updateEnabled);
    for (const QComboBox* box : {m_basis, m_rounding})
        connect(box, &QComboBox::currentIndexChanged, this, &PlanEditor::updateEnabled);
}

void PlanEditor::offerMethods()
{
    const QSignalBlocker blocker(m_method);
    const QVariant present = m_method->currentData();
    m_method->clear();
    for (const Method method : methodsFor(m_known))
        m_method->addItem(text::methodTitle(method), int(method));
    if (present.isValid())
        choose(*m_method, present.toInt());
}

void PlanEditor::setStatistics(const ModelStatistics& statistics)
{
    m_known = KnownStatistics::of(statistics);
    offerMethods();
    const QVariant present = m_groupSize->currentData();
    m_groupSize->clear();
    for (const int size : statistics.groupSizes)
        setGroupSize(size);
    if (present.isValid())
        setGroupSize(present.toInt());
    m_hasTarget->setToolTip(
        m_known.divergence
            ? tr("Bits and K are chosen for this many effective bits")
            : tr("These statistics hold no Fisher information at the linears' outputs, without which "
                 "nothing says where bits matter"));
    updateEnabled();
}

void PlanEditor::setGroupSize(int size)
{
    if (m_groupSize->findData(size) < 0)
        m_groupSize->addItem(size == 0 ? tr("whole row") : QString::number(size), size);
    choose(*m_groupSize, size);
}

void PlanEditor::setOptions(const PlanOptions& options)
{
    {
        const QSignalBlocker methodBlocker(m_method), scopeBlocker(m_scope), basisBlocker(m_basis);
        choose(*m_method, int(options.method));
        choose(*m_scope, int(options.scope));
        choose(*m_basis, int(options.basis));
    }
    setBitsRange(options.method);
    m_bits->setValue(options.bits);
    m_hasTarget->setChecked(options.targetBits > 0);
    if (options.targetBits > 0)
        m_targetBits->setValue(options.targetBits);
    setGroupSize(options.groupSize);
    choose(*m_rounding, int(options.rounding));
    m_symmetric->setChecked(options.symmetric);
    m_activationOrder->setChecked(options.activationOrder);
    m_clip->setChecked(options.clip);
    choose(*m_attnOut, int(options.attnOut));
    choose(*m_mlpOut, int(options.mlpOut));
    m_salient->setText(budgetText(options.salient));
    choose(*m_select, int(options.select));
    m_mixRest->setChecked(options.mixRest);
    m_activationOutliers->setValue(options.cmpq.activationOutliers * 100);
    m_quantizationOutliers->setValue(options.cmpq.quantizationOutliers * 100);
    m_fourAndTwo->setChecked(options.cmpq.fourAndTwo);
    m_seed = options.seed;
    updateEnabled();
}

PlanOptions PlanEditor::fieldValues() const
{
    PlanOptions options;
    options.method = chosen<Method>(*m_method);
    options.bits = m_bits->value();
    options.targetBits = m_hasTarget->isChecked() ? m_targetBits->value() : 0;
    options.groupSize = m_groupSize->currentData().toInt();
    options.rounding = chosen<Rounding>(*m_rounding);
    options.symmetric = m_symmetric->isChecked();
    options.activationOrder = m_activationOrder->isChecked();
    options.clip = m_clip->isChecked();
    options.scope = chosen<RotationScope>(*m_scope);
    options.basis = chosen<RotationKind>(*m_basis);
    options.attnOut = chosen<SiteTreatment>(*m_attnOut);
    options.mlpOut = chosen<SiteTreatment>(*m_mlpOut);
    options.select = chosen<Select>(*m_select);
    options.mixRest = m_mixRest->isChecked();
    options.cmpq = {shareOf(*m_activationOutliers), shareOf(*m_quantizationOutliers), m_fourAndTwo->isChecked()};
    options.seed = m_seed;
    return options;
}

PlanOptions PlanEditor::options() const
{
    PlanOptions options = fieldValues();
    if (fieldsOf(options, m_known).salient)
        options.salient = SalientBudget::parse(m_salient->text().trimmed().toStdString());
    return heeded(options, m_known);
}

void PlanEditor::takeMethod()
{
    const PlanOptions present = fieldValues();
    const RotationScope scope = fieldsOf(present, m_known).scope ? present.scope : RotationScope::PerSite;
    PlanOptions fresh = PlanOptions::of(present.method, scope);
    fresh.bits = nearestBits(fresh.method, present.bits);
    fresh.groupSize = present.groupSize;
    fresh.targetBits = present.targetBits;
    fresh.seed = present.seed;
    setOptions(fresh);
}

void PlanEditor::takeScope()
{
    const PlanOptions fresh = PlanOptions::of(chosen<Method>(*m_method), chosen<RotationScope>(*m_scope));
    choose(*m_attnOut, int(fresh.attnOut));
    choose(*m_mlpOut, int(fresh.mlpOut));
    updateEnabled();
}

void PlanEditor::setBitsRange(Method method)
{
    const BitsRange range = bitsRange(method);
    m_bits->setDecimals(range.decimals);
    m_bits->setRange(range.least, range.most);
    m_bits->setSingleStep(range.step);
}

void PlanEditor::setSelectedRows(int count)
{
    m_applySelected->setText(count > 0 ? tr("Apply to selected rows (%1)").arg(count) : tr("Apply to selected rows"));
    m_applySelected->setEnabled(count > 0);
}

void PlanEditor::updateEnabled()
{
    const PlanOptions options = fieldValues();
    const PlanFields fields = fieldsOf(options, m_known);
    const std::pair<QWidget*, bool> enabled[] = {
        {m_bits, fields.bits},
        {m_hasTarget, fields.targetBits},
        {m_targetBits, fields.targetBits && m_hasTarget->isChecked()},
        {m_groupSize, fields.groupSize},
        {m_rounding, fields.rounding},
        {m_symmetric, fields.symmetric},
        {m_activationOrder, fields.activationOrder},
        {m_clip, fields.clip},
        {m_scope, fields.scope},
        {m_basis, fields.basis},
        {m_attnOut, fields.treatments},
        {m_mlpOut, fields.treatments},
        {m_salient, fields.salient},
        {m_select, fields.select},
        {m_mixRest, fields.mixRest},
        {m_activationOutliers, fields.cmpq},
        {m_quantizationOutliers, fields.cmpq},
        {m_fourAndTwo, fields.cmpq},
        // Nothing would be left to quantize.
        {m_applyAll, options.method != Method::Float},
    };
    for (const auto& [widget, isOn] : enabled)
        widget->setEnabled(isOn);
    if (!fields.scope) {
        const QSignalBlocker blocker(m_scope);
        choose(*m_scope, int(RotationScope::PerSite));
    }
    m_second->setCurrentIndex(fields.cmpq ? 1 : 0);
    updateHint(options);
}

void PlanEditor::updateHint(const PlanOptions& options)
{
    const bool spreads = m_hasTarget->isEnabled() && options.targetBits > 0;
    m_hint->setText(spreads ? tr("Bits and K of each linear are chosen for the least expected KL at this many bits")
                            : text::methodSummary(options.method));
}

} // namespace eigenquant
