// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/weights_page.h"

#include "ui/plots/weight_histogram.h"
#include "ui/plots/weight_range_plot.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/site_selector.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

WeightsPage::WeightsPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(buildControls());
    layout->addWidget(buildFacts());
    layout->addWidget(buildPlots(), 1);
    setContent(content);
    connect(&workspace().selection(), &Selection::siteChanged, this, &WeightsPage::listLinears);
    connect(&workspace(), &Workspace::weightRangesChanged, this, &WeightsPage::showRanges);
    connect(&workspace(), &Workspace::modelChanged, this, &WeightsPage::showRanges);
    connect(&workspace(), &Workspace::statisticsChanged, this, &WeightsPage::showRanges);
    connect(&workspace().plan(), &PlanDocument::totalsChanged, this, &WeightsPage::showRanges);
    connect(m_linear, &QComboBox::currentIndexChanged, this, &WeightsPage::showRanges);
    connect(m_measure, &QPushButton::clicked, this, [this] { tasks().measureWeights(linear()); });
    listLinears();
}

QWidget* WeightsPage::buildControls()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(new SiteSelector(workspace().selection()));
    row->addSpacing(8);
    auto* label = new QLabel(tr("L&inear"));
    m_linear = new QComboBox;
    m_linear->setAccessibleName(tr("Linear whose weights are shown"));
    label->setBuddy(m_linear);
    row->addWidget(label);
    row->addWidget(m_linear);
    m_measure = new QPushButton(tr("&Measure"));
    m_measure->setToolTip(tr("Quantize this linear as the plan says, and look at its weights before and after"));
    row->addWidget(m_measure);
    m_note = new QLabel;
    m_note->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_note, 1);
    return bar;
}

QWidget* WeightsPage::buildFacts()
{
    auto* card = new Card;
    auto* row = new QHBoxLayout;
    card->body()->addLayout(row);
    const auto tile = [&](const QString& caption, const QString& toolTip) {
        auto* fact = new FactTile(caption);
        fact->setToolTip(toolTip);
        row->addWidget(fact, 1);
        return fact;
    };
    m_settings = tile(tr("Settings"), tr("What the plan said when it was measured"));
    m_range = tile(tr("Range, original"), tr("Smallest and largest weight in the model's own channels"));
    m_rotatedRange = tile(tr("Range, as rounded"), tr("The same in the basis that the plan rounds in"));
    m_predicted = tile(tr("Predicted error"), tr("‖XΔW‖² / ‖XW‖² expected from the statistics"));
    m_error = tile(tr("Measured error"), tr("‖XΔW‖² / ‖XW‖² of what is stored, on the calibration text"));
    return card;
}

QWidget* WeightsPage::buildPlots()
{
    auto* plots = new QWidget;
    auto* row = new QHBoxLayout(plots);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    m_histogram = new WeightHistogram;
    m_groups = new WeightRangePlot;
    for (PlotView* plot : std::initializer_list<PlotView*>{m_histogram, m_groups}) {
        auto* card = new Card;
        card->body()->addWidget(plot, 1);
        row->addWidget(card, 1);
    }
    return plots;
}

LinearId WeightsPage::linear() const
{
    return {workspace().selection().layer(), LinearRole(m_linear->currentData().toInt())};
}

void WeightsPage::listLinears()
{
    {
        const QSignalBlocker blocker(m_linear);
        const QVariant before = m_linear->currentData();
        m_linear->clear();
        const auto session = workspace().session();
        for (const LinearRole role : layerRoles(!session || session->info().gatedMlp))
            if (siteOf(role) == workspace().selection().site().site)
                m_linear->addItem(text::fromStd(name(role)), int(role));
        m_linear->setCurrentIndex(std::max(0, m_linear->findData(before)));
    }
    showRanges();
}

QString WeightsPage::missingNow() const
{
    if (!workspace().session())
        return tr("Open the model itself to look at its weights; statistics alone do not hold them.");
    if (!workspace().statisticsMatchModel())
        return tr("The statistics are of another model; open the one they were made of.");
    const auto& statistics = workspace().statistics();
    if (statistics && !statistics->hasMoments && !statistics->normsOnly)
        return tr("These statistics hold no second moments, which quantizing needs; analyse and keep them.");
    return {};
}

bool WeightsPage::isStale(const WeightRanges& ranges) const
{
    const LinearPlan& now = workspace().plan().plan().linear(ranges.plan.id);
    const LinearPlan& then = ranges.plan;
    return now.method != then.method || now.bits != then.bits || now.salient != then.salient ||
           now.groupSize != then.groupSize || now.symmetric != then.symmetric || now.rounding != then.rounding ||
           workspace().plan().plan().site(then.id.site()).basis != ranges.basis;
}

void WeightsPage::showRanges()
{
    const QString lack = missingNow();
    m_measure->setEnabled(lack.isEmpty());
    const auto& measured = workspace().weightRanges();
    const bool fits = measured && !workspace().plan().isEmpty() && measured->plan.id == linear();
    const std::shared_ptr<const WeightRanges> ranges = fits ? measured : nullptr;
    const QString name = QString::fromStdString(linear().name());
    m_histogram->setRanges(ranges, lack.isEmpty() ? tr("Press Measure to look at the weights of %1.").arg(name) : lack);
    m_groups->setRanges(ranges, tr("No weights were measured"));
    m_histogram->setTitle(tr("Distribution of the weights of %1").arg(name));
    m_groups->setTitle(tr("Range of each group of columns of %1").arg(name));
    m_histogram->setFileStem(QStringLiteral("weights_") + name);
    m_groups->setFileStem(QStringLiteral("weight_ranges_") + name);
    m_note->setText(fits && isStale(*ranges) ? tr("The plan has changed since; measure again.") : QString());
    const auto span = [](const WeightDistribution& weights) {
        return tr("%1 … %2").arg(text::number(weights.least), text::number(weights.largest));
    };
    const QString none = QStringLiteral("–");
    m_settings->setValue(
        fits ? tr("%1, %2 bits").arg(text::methodTitle(ranges->plan.method), text::bits(ranges->plan.bits))
             : none);
    m_range->setValue(fits ? span(ranges->original) : none);
    m_rotatedRange->setValue(fits ? span(ranges->turned) : none);
    m_predicted->setValue(fits ? text::number(ranges->plan.predictedError) : none);
    m_error->setValue(fits ? text::number(ranges->outputError) : none);
}

} // namespace eigenquant
