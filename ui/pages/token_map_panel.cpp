// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/token_map_panel.h"

#include "ui/plots/token_map_plot.h"
#include "ui/text/format.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace eigenquant {

TokenMapPanel::TokenMapPanel(PageContext context, QWidget* parent) : QWidget(parent), m_context(context)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(buildControls());
    m_plot = new TokenMapPlot;
    layout->addWidget(m_plot, 1);
    Workspace& workspace = m_context.workspace;
    m_plot->follow(workspace.selection());
    connect(m_plot, &TokenMapPlot::channelClicked, &workspace.selection(), &Selection::setChannel);
    connect(m_read, &QPushButton::clicked, this, &TokenMapPanel::read);
    connect(m_logarithmic, &QCheckBox::toggled, m_plot, &TokenMapPlot::setLogarithmic);
    connect(&workspace, &Workspace::activationsChanged, this, &TokenMapPanel::showMaps);
    connect(&workspace, &Workspace::modelChanged, this, &TokenMapPanel::showMaps);
    connect(&workspace, &Workspace::statisticsChanged, this, &TokenMapPanel::showMaps);
    connect(&workspace, &Workspace::textsChanged, this, &TokenMapPanel::showMaps);
    connect(&workspace.selection(), &Selection::siteChanged, this, &TokenMapPanel::followSite);
    showMaps();
}

QWidget* TokenMapPanel::buildControls()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    const auto spin = [&](const QString& title, const QString& name, int least, int most, int value) {
        auto* label = new QLabel(title);
        auto* box = new QSpinBox;
        box->setRange(least, most);
        box->setValue(value);
        box->setAccessibleName(name);
        label->setBuddy(box);
        row->addWidget(label);
        row->addWidget(box);
        return box;
    };
    m_tokens = spin(tr("&Tokens"), tr("Tokens of the sample"), 2, 2048, 128);
    m_tokens->setToolTip(tr("The text is cut into windows of so many tokens; one of them is read"));
    m_window = spin(tr("from &window"), tr("Window of the text"), 0, 1000000, 0);
    m_window->setToolTip(tr("Which window of the text, from 0"));
    m_read = new QPushButton(tr("&Read tokens"));
    m_read->setToolTip(tr("Run these tokens through the model up to the layer and keep what lies at the site"));
    row->addWidget(m_read);
    m_source = new QLabel;
    m_source->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_source, 1);
    m_logarithmic = new QCheckBox(tr("Log &colours"));
    m_logarithmic->setToolTip(tr("Colours by the logarithm of the magnitude"));
    m_logarithmic->setChecked(true);
    row->addWidget(m_logarithmic);
    return bar;
}

QString TokenMapPanel::missing() const
{
    const Workspace& workspace = m_context.workspace;
    if (!workspace.session())
        return tr("Open the model itself to look at single tokens; statistics alone do not hold them.");
    if (!workspace.statisticsMatchModel())
        return tr("The statistics are of another model; open the one they were made of.");
    if (workspace.calibrationText().isEmpty())
        return tr("Open a text (File ▸ Open text) to take the tokens from.");
    return {};
}

void TokenMapPanel::read()
{
    m_context.tasks.readActivations(m_window->value(), m_tokens->value());
}

void TokenMapPanel::followSite()
{
    // Who has looked at the tokens of one site wants to see them at the next one, too.
    if (m_context.workspace.activations() && missing().isEmpty())
        read();
    showMaps();
}

void TokenMapPanel::showMaps()
{
    const Workspace& workspace = m_context.workspace;
    const QString lack = missing();
    m_read->setEnabled(lack.isEmpty());
    const auto& maps = workspace.activations();
    const SiteId site = m_context.workspace.selection().site();
    const bool fits = maps && maps->sample.site == site;
    m_source->setText(fits ? tr("%1, window %2 of %3 tokens")
                                 .arg(QString::fromStdString(maps->textName))
                                 .arg(maps->window)
                                 .arg(maps->sample.tokens())
                           : QString());
    m_plot->setTitle(tr("Tokens × channels of %1").arg(text::siteLabel(site)));
    m_plot->setFileStem(QStringLiteral("tokens_layer%1_%2")
                            .arg(site.layer, 2, 10, QLatin1Char('0'))
                            .arg(text::siteName(site.site)));
    m_plot->setMaps(fits ? maps : nullptr,
                    lack.isEmpty() ? tr("Press Read tokens to see what single tokens do at this site.") : lack);
}

} // namespace eigenquant
