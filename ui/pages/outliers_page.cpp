// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/outliers_page.h"

#include "ui/models/outlier_table.h"
#include "ui/plots/outlier_plot.h"
#include "ui/text/format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/site_selector.h"
#include "ui/widgets/table_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

namespace eigenquant {

OutliersPage::OutliersPage(PageContext context) : Page(context)
{
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(buildControls());
    auto* plotCard = new Card;
    m_plot = new OutlierPlot;
    plotCard->body()->addWidget(m_plot, 1);
    layout->addWidget(plotCard, 3);
    layout->addWidget(buildTable(), 2);
    setContent(content);
    Selection& selection = workspace().selection();
    connect(&workspace(), &Workspace::statisticsChanged, this, &OutliersPage::showSite);
    connect(&selection, &Selection::siteChanged, this, &OutliersPage::showSite);
    connect(&selection, &Selection::channelChanged, this, &OutliersPage::showChannel);
    connect(m_plot, &OutlierPlot::channelClicked, &selection, &Selection::setChannel);
    connect(m_count, &QSpinBox::valueChanged, this, &OutliersPage::showSite);
    showSite();
}

QWidget* OutliersPage::buildControls()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(new SiteSelector(workspace().selection()));
    row->addSpacing(16);
    auto* label = new QLabel(tr("&Marked channels"));
    m_count = new QSpinBox;
    m_count->setRange(1, 64);
    m_count->setValue(8);
    m_count->setAccessibleName(tr("Number of marked channels"));
    m_count->setToolTip(tr("How many of the strongest channels are marked and listed"));
    label->setBuddy(m_count);
    row->addWidget(label);
    row->addWidget(m_count);
    row->addStretch(1);
    return bar;
}

QWidget* OutliersPage::buildTable()
{
    auto* card = new Card(tr("Strongest original channels"));
    m_outliers = new OutlierTable(this);
    m_table = new QTableView;
    m_table->setAccessibleName(tr("Strongest original channels"));
    setUpTable(*m_table, *m_outliers);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    card->body()->addWidget(m_table, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid())
                    workspace().selection().setChannel(current.siblingAtColumn(1).data(kRawValueRole).toInt());
            });
    return card;
}

void OutliersPage::showSite()
{
    const auto& statistics = workspace().statistics();
    const SiteId id = workspace().selection().site();
    if (!statistics || statistics->sites.empty()) {
        m_plot->setSites({}, 0);
        m_outliers->setOutliers({});
        return;
    }
    const SiteStatistics& site = statistics->site(id);
    m_outliers->setOutliers(topOutliers(site, m_count->value()));
    m_plot->setSites({site}, m_count->value());
    m_plot->setTitle((site.eigenvalues.empty() ? tr("Outliers of %1") : tr("Outliers of %1 before and after the rotation"))
                         .arg(text::siteLabel(id)));
    m_plot->setFileStem(QStringLiteral("outliers_layer%1_%2")
                            .arg(id.layer, 2, 10, QLatin1Char('0'))
                            .arg(text::siteName(id.site)));
}

void OutliersPage::showChannel(int channel)
{
    m_plot->setHighlight(channel);
}

} // namespace eigenquant
