// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/site_selector.h"

#include "ui/text/format.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>

namespace eigenquant {

SiteSelector::SiteSelector(Selection& selection, QWidget* parent) : QWidget(parent), m_selection(selection)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* layerLabel = new QLabel(tr("&Layer"), this);
    m_layer = new QSpinBox(this);
    m_layer->setAccessibleName(tr("Layer"));
    m_layer->setToolTip(tr("Decoder layer, counted from 0 (Page up and Page down move by 10)"));
    layerLabel->setBuddy(m_layer);
    auto* siteLabel = new QLabel(tr("&Site"), this);
    m_site = new QComboBox(this);
    m_site->setAccessibleName(tr("Site"));
    m_site->setToolTip(tr("The activation that some of the layer's linears read"));
    siteLabel->setBuddy(m_site);
    for (const Site site : kAllSites)
        m_site->addItem(text::siteTitle(site), int(site));
    layout->addWidget(layerLabel);
    layout->addWidget(m_layer);
    layout->addSpacing(8);
    layout->addWidget(siteLabel);
    layout->addWidget(m_site);
    connect(m_layer, &QSpinBox::valueChanged, this, &SiteSelector::takeEdits);
    connect(m_site, &QComboBox::currentIndexChanged, this, &SiteSelector::takeEdits);
    connect(&selection, &Selection::siteChanged, this, &SiteSelector::showSelection);
    connect(&selection, &Selection::layerCountChanged, this, &SiteSelector::showSelection);
    showSelection();
}

void SiteSelector::showSelection()
{
    const QSignalBlocker layerBlocker(m_layer);
    const QSignalBlocker siteBlocker(m_site);
    m_layer->setRange(0, std::max(0, m_selection.layerCount() - 1));
    m_layer->setSuffix(tr(" / %1").arg(m_layer->maximum()));
    m_layer->setValue(m_selection.layer());
    m_site->setCurrentIndex(m_site->findData(int(m_selection.site().site)));
}

void SiteSelector::takeEdits()
{
    m_selection.setSite({m_layer->value(), Site(m_site->currentData().toInt())});
}

} // namespace eigenquant
