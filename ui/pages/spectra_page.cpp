// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectra_page.h"

#include "core/base/error.h"
#include "core/session/session.h"
#include "ui/plots/energy_heatmap.h"
#include "ui/plots/series.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/site_selector.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace eigenquant {

SpectraPage::SpectraPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(buildControls());
    layout->addWidget(buildFacts());
    layout->addWidget(buildComparison());
    layout->addWidget(buildPlots(), 1);
    setContent(content);
    connect(m_plot, &SpectrumPlot::salientDragged, this, &SpectraPage::takeSalient);
    connect(&workspace(), &Workspace::statisticsChanged, this, &SpectraPage::showSite);
    connect(&workspace(), &Workspace::comparedStatisticsChanged, this, &SpectraPage::showSite);
    connect(&workspace().selection(), &Selection::siteChanged, this, &SpectraPage::showSite);
    connect(&workspace().plan(), &PlanDocument::totalsChanged, this, &SpectraPage::showPlan);
    showSite();
}

QString SpectraPage::missing() const
{
    return workspace().statistics()->normsOnly
               ? tr("These statistics hold channel norms only; analyze without --norms-only to see spectra.")
               : QString();
}

int SpectraPage::selectedRow() const
{
    const PlanDocument& plan = workspace().plan();
    return plan.isEmpty() || plan.statistics().normsOnly ? -1 : plan.rowOf(workspace().selection().site());
}

QWidget* SpectraPage::buildControls()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(new SiteSelector(workspace().selection()));
    row->addSpacing(16);
    auto* label = new QLabel(tr("&K, salient channels"));
    m_salient = new QSpinBox;
    m_salient->setAccessibleName(tr("Salient channels K of this site"));
    m_salient->setToolTip(tr("Channels that stay FP16; or drag the line in the plot"));
    m_salient->setKeyboardTracking(false);
    label->setBuddy(m_salient);
    row->addWidget(label);
    row->addWidget(m_salient);
    row->addStretch(1);
    const auto box = [&](const QString& title, const QString& toolTip, bool checked) {
        auto* check = new QCheckBox(title);
        check->setToolTip(toolTip);
        check->setChecked(checked);
        row->addWidget(check);
        return check;
    };
    m_logY = box(tr("Log &energy"), tr("Logarithmic energy axis"), true);
    m_logX = box(tr("Log &index"), tr("Logarithmic index axis"), false);
    m_cumulative = box(tr("C&umulative"), tr("Also the share of energy in the first dimensions"), false);
    m_allSites = box(tr("All &four sites"), tr("The four sites of the layer side by side"), false);
    for (QCheckBox* check : {m_logY, m_logX, m_cumulative})
        connect(check, &QCheckBox::toggled, this, &SpectraPage::takeStyle);
    connect(m_allSites, &QCheckBox::toggled, this, &SpectraPage::showSite);
    connect(m_salient, &QSpinBox::valueChanged, this,
            [this](int salient) { takeSalient(workspace().selection().site(), salient); });
    return bar;
}

QWidget* SpectraPage::buildFacts()
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
    m_channels = tile(tr("Channels"), tr("Width of the activation"));
    m_keptRotated = tile(tr("Top K hold (rotated)"), tr("Energy in the K largest eigenvalues"));
    m_keptOriginal = tile(tr("Top K hold (original)"), tr("Energy in the K strongest original channels"));
    m_bits = tile(tr("Effective bits"), tr("Of the linears that read this site"));
    m_error = tile(tr("Predicted error"), tr("‖XΔW‖² / ‖XW‖² of the linears that read this site"));
    return card;
}

QWidget* SpectraPage::buildPlots()
{
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    auto* spectrumCard = new Card;
    m_plot = new SpectrumPlot;
    m_compare = new QPushButton(tr("Compare &with…"));
    m_compare->setToolTip(tr("Draw the spectra of other statistics beside these: of another text, or another model"));
    m_plot->addToHeader(m_compare);
    spectrumCard->body()->addWidget(m_plot, 1);
    auto* heatCard = new Card;
    m_heatmap = new EnergyHeatmap;
    heatCard->body()->addWidget(m_heatmap, 1);
    auto* hint = new QLabel(tr("The line is K in each layer. Point at a layer to see its curve; click to choose it."));
    hint->setForegroundRole(QPalette::PlaceholderText);
    hint->setWordWrap(true);
    heatCard->body()->addWidget(hint);
    splitter->addWidget(spectrumCard);
    splitter->addWidget(heatCard);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    Selection& selection = workspace().selection();
    m_plot->follow(selection);
    m_heatmap->follow(selection);
    m_plot->setGlance([this](SiteId id) {
        const auto& statistics = workspace().statistics();
        const bool exists = statistics && id.layer < workspace().selection().layerCount();
        return exists ? series::descending(statistics->site(id).eigenvalues) : std::vector<double>();
    });
    connect(m_heatmap, &EnergyHeatmap::layerClicked, &selection, &Selection::setLayer);
    connect(m_compare, &QPushButton::clicked, this, &SpectraPage::askComparison);
    return splitter;
}

QWidget* SpectraPage::buildComparison()
{
    auto* card = new Card;
    auto* row = new QHBoxLayout;
    card->body()->addLayout(row);
    m_difference = new QLabel;
    m_difference->setWordWrap(true);
    m_difference->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_difference->setAccessibleName(tr("What differs from the compared statistics"));
    auto* remove = new QPushButton(tr("&Remove"));
    remove->setToolTip(tr("Put the compared statistics away"));
    row->addWidget(m_difference, 1);
    row->addWidget(remove, 0, Qt::AlignTop);
    connect(remove, &QPushButton::clicked, this, [this] { tasks().compareStatistics({}); });
    m_comparison = card;
    return card;
}

void SpectraPage::askComparison()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Compare with other statistics"), {},
                                                      tr("Statistics (*.stats);;All files (*)"));
    if (!path.isEmpty())
        tasks().compareStatistics(path);
}

std::vector<double> SpectraPage::comparedSpectrum(SiteId id) const
{
    const auto& other = workspace().comparedStatistics();
    if (!other || id.layer >= int(other->sites.size() / kAllSites.size()))
        return {};
    return series::descending(other->site(id).eigenvalues);
}

void SpectraPage::showComparison()
{
    const auto& other = workspace().comparedStatistics();
    m_comparison->setVisible(other != nullptr);
    if (!other || selectedRow() < 0)
        return;
    const PlanDocument& plan = workspace().plan();
    const SiteId site = workspace().selection().site();
    const QString whose = tr("Compared with %1, %2").arg(QString::fromStdString(other->model.name),
                                                         QString::fromStdString(other->textName));
    try {
        m_difference->setText(whose + tr(": ") +
                              text::differenceSentence(spectrumDifference(plan.statistics(), *other, site,
                                                                          plan.summary(selectedRow()).salient)));
    } catch (const Error& error) {
        m_difference->setText(whose + tr(": nothing to compare at %1. ").arg(text::siteLabel(site)) +
                              QString::fromUtf8(error.what()));
    }
}

void SpectraPage::showHeatmap()
{
    const PlanDocument& plan = workspace().plan();
    const SiteId selected = workspace().selection().site();
    m_heatmap->setTitle(tr("All layers · %1").arg(text::siteName(selected.site)));
    m_heatmap->setFileStem(QStringLiteral("heatmap_") + text::siteName(selected.site));
    if (m_heatmap->statistics() != workspace().statistics() || m_heatmap->sites() != std::vector{selected.site})
        m_heatmap->setStatistics(workspace().statistics(), {selected.site});
    m_heatmap->setSelectedLayer(selected.layer);
    std::vector<double> kept;
    for (int layer = 0; layer < workspace().selection().layerCount(); ++layer) {
        const int row = plan.rowOf({layer, selected.site});
        const bool keeps = row >= 0 && keepsSalient(plan.summary(row).method) && plan.summary(row).channels > 0;
        kept.push_back(keeps ? double(plan.summary(row).salient) / plan.summary(row).channels : 0);
    }
    m_heatmap->setKeptShares({{selected.site, std::move(kept)}});
}

void SpectraPage::showSite()
{
    const PlanDocument& plan = workspace().plan();
    if (selectedRow() < 0) {
        m_plot->setSpectra({});
        m_comparison->hide();
        return;
    }
    const SiteId selected = workspace().selection().site();
    std::vector<SpectrumData> spectra;
    for (const Site site : kAllSites) {
        const SiteId id{selected.layer, site};
        const int siteRow = plan.rowOf(id);
        if (siteRow < 0 || (!m_allSites->isChecked() && id != selected))
            continue;
        spectra.push_back(
            makeSpectrumData(plan.statistics().site(id), &plan.summary(siteRow), plan.energyShare(siteRow)));
        spectra.back().compared = comparedSpectrum(id);
        if (const auto& other = workspace().comparedStatistics())
            spectra.back().comparedName = tr("%1, %2").arg(QString::fromStdString(other->model.name),
                                                           QString::fromStdString(other->textName));
    }
    m_plot->setSpectra(std::move(spectra));
    const QString layer = QStringLiteral("layer%1").arg(selected.layer, 2, 10, QLatin1Char('0'));
    m_plot->setTitle(m_allSites->isChecked() ? tr("Spectra of layer %1").arg(selected.layer)
                                             : tr("Spectrum of %1").arg(text::siteLabel(selected)));
    m_plot->setFileStem(m_allSites->isChecked()
                            ? QStringLiteral("spectra_%1").arg(layer)
                            : QStringLiteral("spectrum_%1_%2").arg(layer, text::siteName(selected.site)));
    showPlan();
}

void SpectraPage::showPlan()
{
    const PlanDocument& plan = workspace().plan();
    const SiteId selected = workspace().selection().site();
    const int row = selectedRow();
    if (row < 0)
        return;
    const SiteSummary& summary = plan.summary(row);
    {
        const QSignalBlocker blocker(m_salient);
        m_salient->setRange(0, summary.channels);
        m_salient->setValue(summary.salient);
        m_salient->setEnabled(keepsSalient(summary.method));
    }
    m_channels->setValue(QString::number(summary.channels));
    m_keptRotated->setValue(text::percent(plan.energyShareIn(row, Basis::Pca)));
    m_keptOriginal->setValue(text::percent(plan.energyShareIn(row, Basis::Original)));
    m_bits->setValue(text::fixed(summary.effectiveBits, 3));
    m_error->setValue(text::number(summary.predictedError));
    for (const Site each : kAllSites)
        if (const int siteRow = plan.rowOf({selected.layer, each}); siteRow >= 0) {
            const SiteSummary& shown = plan.summary(siteRow);
            m_plot->updateSalient(shown.id, shown.salient,
                                  salientNote(shown.salient, plan.energyShare(siteRow), shown.predictedError));
        }
    showHeatmap();
    showComparison();
}

void SpectraPage::takeSalient(SiteId site, int salient)
{
    PlanDocument& plan = workspace().plan();
    const int row = plan.rowOf(site);
    if (row >= 0 && plan.summary(row).salient != salient)
        plan.setSalient({row}, {double(salient), false});
}

void SpectraPage::takeStyle()
{
    m_plot->setStyle({m_logX->isChecked(), m_logY->isChecked(), m_cumulative->isChecked()});
}

} // namespace eigenquant
