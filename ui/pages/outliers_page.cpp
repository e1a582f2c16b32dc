// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/outliers_page.h"

#include "ui/models/outlier_table.h"
#include "ui/pages/token_map_panel.h"
#include "ui/plots/outlier_plot.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/fitted_columns.h"
#include "ui/widgets/site_selector.h"
#include "ui/widgets/table_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

enum TokenSource { kWholeText, kSample };

} // namespace

OutliersPage::OutliersPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(buildControls());
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildPlot());
    auto* tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->addTab(buildTables(), tr("&Strongest"));
    tabs->addTab(new TokenMapPanel(context), tr("T&oken by token"));
    splitter->addWidget(tabs);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    layout->addWidget(splitter, 1);
    auto* hint =
        new QLabel(tr("To keep more of this site in 16 bits, give it a larger K: type it in Budgets, or drag the "
                      "line in Spectra. Both stay at the site that is chosen here."));
    hint->setForegroundRole(QPalette::PlaceholderText);
    hint->setWordWrap(true);
    layout->addWidget(hint);
    setContent(content);
    Selection& selection = workspace().selection();
    connect(&workspace(), &Workspace::statisticsChanged, this, &OutliersPage::takeStatistics);
    connect(&workspace(), &Workspace::activationsChanged, this, &OutliersPage::showSite);
    connect(&selection, &Selection::siteChanged, this, &OutliersPage::showSite);
    connect(&selection, &Selection::channelChanged, this, &OutliersPage::showChannel);
    connect(m_count, &QSpinBox::valueChanged, this, &OutliersPage::showSite);
    connect(m_measure, &QComboBox::currentIndexChanged, this, &OutliersPage::showSite);
    connect(m_tokens, &QComboBox::currentIndexChanged, this, &OutliersPage::showSite);
    takeStatistics();
}

QWidget* OutliersPage::buildControls()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(new SiteSelector(workspace().selection()));
    auto* worst = new QPushButton(tr("&Worst outliers"));
    worst->setToolTip(tr("Goes to the site whose strongest channel holds the largest share of the energy"));
    connect(worst, &QPushButton::clicked, this, [this] {
        if (workspace().statistics())
            workspace().selection().setSite(mostUnevenSite(*workspace().statistics()));
    });
    row->addWidget(worst);
    row->addSpacing(8);
    const auto add = [&](const QString& title, QWidget* field, const QString& name, const QString& toolTip) {
        auto* label = new QLabel(title);
        label->setBuddy(field);
        field->setAccessibleName(name);
        field->setToolTip(toolTip);
        row->addWidget(label);
        row->addWidget(field);
    };
    m_measure = new QComboBox;
    for (const ChannelMeasure measure : kChannelMeasures)
        m_measure->addItem(measureTitle(measure), int(measure));
    add(tr("&Measure"), m_measure, tr("Measure of a channel's strength"),
        tr("What the channels are drawn and ranked by"));
    m_tokens = new QComboBox;
    m_tokens->addItem(tr("the whole text"));
    m_tokens->addItem(tr("the tokens read"));
    add(tr("o&ver"), m_tokens, tr("Tokens that are measured"),
        tr("The whole calibration text, or the tokens read below, of which the rotated maxima and kurtosis are "
           "known too"));
    m_count = new QSpinBox;
    m_count->setRange(1, 64);
    m_count->setValue(8);
    add(tr("Mar&k"), m_count, tr("Number of marked channels"),
        tr("How many of the strongest channels are marked and listed"));
    row->addStretch(1);
    m_logarithmic = new QCheckBox(tr("&Log"));
    m_logarithmic->setToolTip(tr("Logarithmic axis"));
    row->addWidget(m_logarithmic);
    return bar;
}

QWidget* OutliersPage::buildPlot()
{
    auto* card = new Card;
    m_plot = new OutlierPlot;
    card->body()->addWidget(m_plot, 1);
    m_plot->follow(workspace().selection());
    connect(m_plot, &OutlierPlot::channelClicked, &workspace().selection(), &Selection::setChannel);
    connect(m_logarithmic, &QCheckBox::toggled, m_plot, &OutlierPlot::setLogarithmic);
    return card;
}

QWidget* OutliersPage::buildTables()
{
    m_original = new OutlierTable(this);
    m_rotated = new OutlierTable(this, tr("Dimension"));
    auto* both = new QWidget;
    auto* row = new QHBoxLayout(both);
    row->setContentsMargins(0, 8, 0, 0);
    row->setSpacing(12);
    row->addWidget(buildTable(tr("Strongest original channels"), *m_original, false), 1);
    row->addWidget(buildTable(tr("Strongest rotated dimensions"), *m_rotated, true), 1);
    return both;
}

QWidget* OutliersPage::buildTable(const QString& heading, OutlierTable& model, bool isRotated)
{
    auto* card = new Card(heading);
    auto* table = new QTableView;
    table->setAccessibleName(heading);
    setUpTable(*table, model);
    const QString small = QStringLiteral("0.000123");
    new FittedColumns(*table, {{}, QStringLiteral("49151"), small, small, QStringLiteral("1234.5"),
                               QStringLiteral("99.9 %"), QStringLiteral("123.4")});
    card->body()->addWidget(table, 1);
    connect(table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this, isRotated](const QModelIndex& current) {
                if (!current.isValid())
                    return;
                const int index = current.siblingAtColumn(1).data(kRawValueRole).toInt();
                const SiteId site = workspace().selection().site();
                if (isRotated)
                    workspace().selection().setPointed({.layer = site.layer, .site = site.site, .dimension = index});
                else
                    workspace().selection().setChannel(index);
            });
    return card;
}

ChannelMeasure OutliersPage::measure() const
{
    return ChannelMeasure(m_measure->currentData().toInt());
}

const ActivationMaps* OutliersPage::chosenSample() const
{
    const auto& maps = workspace().activations();
    const bool fits = maps && maps->sample.site == workspace().selection().site();
    return fits && m_tokens->currentIndex() == kSample ? maps.get() : nullptr;
}

void OutliersPage::takeStatistics()
{
    m_kurtosis.clear();
    showSite();
    const auto& statistics = workspace().statistics();
    if (!statistics)
        return;
    workspace().jobs().submit(
        JobLane::Files, QStringLiteral("read-kurtosis"), tr("Read the channels' kurtosis"),
        [file = std::filesystem::path(statistics->path)](const RunContext&) { return channelKurtosis(file); },
        [this, statistics](const JobOutcome<std::vector<std::vector<double>>>& outcome) {
            if (!outcome.value || workspace().statistics() != statistics)
                return;
            m_kurtosis = *outcome.value;
            showSite();
        });
}

std::vector<double> OutliersPage::kurtosis() const
{
    const SiteId site = workspace().selection().site();
    const std::size_t index = std::size_t(site.layer) * kAllSites.size() + std::size_t(site.site);
    return index < m_kurtosis.size() ? m_kurtosis[index] : std::vector<double>();
}

QString OutliersPage::whyNotRotated() const
{
    if (const ActivationMaps* sample = chosenSample())
        return QString::fromStdString(sample->whyNotRotated);
    if (measure() == ChannelMeasure::Largest || measure() == ChannelMeasure::Kurtosis)
        return tr("Statistics hold the mean squares after the rotation alone.\n"
                  "Read tokens below, and choose them above.");
    return tr("No eigenvalues were measured");
}

void OutliersPage::showSite()
{
    const auto& statistics = workspace().statistics();
    const SiteId id = workspace().selection().site();
    if (!statistics || statistics->sites.empty()) {
        m_plot->setSites({}, 0);
        m_original->setOutliers({});
        m_rotated->setOutliers({});
        return;
    }
    const SiteStatistics& site = statistics->site(id);
    const ActivationMaps* sample = chosenSample();
    const ChannelMeasures original = sample ? sample->measures : originalMeasures(site, kurtosis());
    const ChannelMeasures rotated = sample ? sample->rotatedMeasures : rotatedMeasures(site);
    m_original->setOutliers(topOutliers(original, measure(), m_count->value()));
    m_rotated->setOutliers(topOutliers(rotated, measure(), m_count->value()));
    m_plot->setSeries({{.site = id,
                        .original = valuesOf(original, measure()),
                        .rotated = valuesOf(rotated, measure()),
                        .whyNotOriginal = tr("These statistics are from before the kurtosis was measured.\n"
                                             "Analyse the text again."),
                        .whyNotRotated = whyNotRotated()}},
                      measureTitle(measure()), measureName(measure()), m_count->value());
    const qint64 tokens = sample ? sample->sample.tokens() : statistics->tokens;
    m_plot->setTitle(
        tr("%1 of %2, over %3 tokens").arg(measureTitle(measure()), text::siteLabel(id), text::grouped(tokens)));
    m_plot->setFileStem(QStringLiteral("outliers_%1_layer%2_%3")
                            .arg(measureName(measure()))
                            .arg(id.layer, 2, 10, QLatin1Char('0'))
                            .arg(text::siteName(id.site)));
}

void OutliersPage::showChannel(int channel)
{
    m_plot->setHighlight(channel);
}

} // namespace eigenquant
