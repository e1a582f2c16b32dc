// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview_page.h"

#include "ui/plots/energy_heatmap.h"
#include "ui/plots/error_plot.h"
#include "ui/state/bit_parts.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace eigenquant {

OverviewPage::OverviewPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(buildFacts());
    layout->addWidget(buildPlots(), 1);
    setContent(content);
    connect(&workspace(), &Workspace::statisticsChanged, this, &OverviewPage::showStatistics);
    connect(&workspace(), &Workspace::modelChanged, this, &OverviewPage::showStatistics);
    connect(&workspace().plan(), &PlanDocument::totalsChanged, this, &OverviewPage::showPlan);
    showStatistics();
    showPlan();
}

QWidget* OverviewPage::buildFacts()
{
    auto* card = new Card;
    auto* row = new QHBoxLayout;
    card->body()->addLayout(row);
    const auto tile = [&](const QString& caption, int stretch) {
        auto* fact = new FactTile(caption);
        row->addWidget(fact, stretch);
        return fact;
    };
    m_model = tile(tr("Model"), 3);
    m_model->setLeastWidth(150);
    m_size = tile(tr("Parameters"), 1);
    m_calibration = tile(tr("Calibrated on"), 2);
    m_bits = tile(tr("Effective bits"), 1);
    m_rotationBits = tile(tr("of these, rotations"), 1);
    m_bytes = tile(tr("Size of the linears"), 1);
    m_error = tile(tr("Predicted error"), 1);
    m_divergence = tile(tr("Predicted KL"), 1);
    m_divergence->setToolTip(tr("KL(float ‖ quantized), nats a token, expected from the statistics"));
    return card;
}

QWidget* OverviewPage::buildPlots()
{
    auto* plots = new QWidget;
    auto* row = new QHBoxLayout(plots);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    auto* heatCard = new Card;
    m_heatmap = new EnergyHeatmap;
    m_site = new QComboBox;
    m_site->setAccessibleName(tr("Site of the heat map"));
    for (const Site site : kAllSites)
        m_site->addItem(text::siteTitle(site), int(site));
    m_heatmap->addToHeader(m_site);
    heatCard->body()->addWidget(m_heatmap, 1);
    auto* errorCard = new Card;
    m_errors = new ErrorPlot;
    errorCard->body()->addWidget(m_errors, 1);
    auto* hint = new QLabel(tr("Click a layer in either plot to look at it on the other pages."));
    hint->setForegroundRole(QPalette::PlaceholderText);
    hint->setWordWrap(true);
    errorCard->body()->addWidget(hint);
    row->addWidget(heatCard, 1);
    row->addWidget(errorCard, 1);
    Selection& selection = workspace().selection();
    connect(m_site, &QComboBox::currentIndexChanged, this, &OverviewPage::showHeatmap);
    connect(m_heatmap, &EnergyHeatmap::layerClicked, &selection, &Selection::setLayer);
    connect(m_errors, &ErrorPlot::layerClicked, &selection, &Selection::setLayer);
    connect(&selection, &Selection::siteChanged, m_heatmap,
            [this](SiteId site) { m_heatmap->setSelectedLayer(site.layer); });
    m_heatmap->follow(selection);
    m_errors->follow(selection);
    return plots;
}

void OverviewPage::showStatistics()
{
    const ModelInfo* model = workspace().modelInfo();
    const auto& statistics = workspace().statistics();
    if (!model || !statistics)
        return;
    m_model->setValue(QString::fromStdString(model->name));
    m_model->setToolTip(QString::fromStdString(model->path));
    m_size->setValue(text::magnitude(double(model->parameters)));
    m_calibration->setValue(tr("%1 tokens").arg(text::grouped(statistics->tokens)));
    m_calibration->setToolTip(tr("%1: %2 windows of %3 tokens")
                                  .arg(QString::fromStdString(statistics->textName))
                                  .arg(statistics->windows)
                                  .arg(statistics->context));
    const QString warning = QString::fromStdString(caution(*statistics));
    if (!warning.isEmpty()) {
        m_calibration->setValue(tr("%1 tokens, too few").arg(text::grouped(statistics->tokens)));
        m_calibration->setToolTip(warning);
    }
    showHeatmap();
}

void OverviewPage::showHeatmap()
{
    const Site site = Site(m_site->currentData().toInt());
    m_heatmap->setStatistics(workspace().statistics(), {site});
    m_heatmap->setSelectedLayer(workspace().selection().layer());
    m_heatmap->setFileStem(QStringLiteral("heatmap_") + text::siteName(site));
}

void OverviewPage::showPlan()
{
    const PlanDocument& plan = workspace().plan();
    if (plan.isEmpty())
        return;
    m_bits->setValue(text::fixed(plan.totals().effectiveBits, 3));
    for (FactTile* tile : {m_bits, m_rotationBits})
        tile->setToolTip(describe(bitPartsOf(plan.plan(), plan.statistics())));
    m_rotationBits->setValue(text::fixed(plan.totals().rotationBits, 3));
    m_bytes->setValue(text::bytes(plan.totals().bytes));
    m_error->setValue(text::number(plan.totals().predictedError));
    m_divergence->setVisible(plan.knowsDivergence());
    m_divergence->setValue(text::number(plan.totals().predictedKl));
    std::vector<SiteSummary> summaries;
    for (int row = 0; row < plan.rowCount(); ++row)
        summaries.push_back(plan.summary(row));
    m_errors->setSummaries(std::move(summaries));
    m_errors->setFileStem(QStringLiteral("predicted_error"));
}

} // namespace eigenquant
