// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "ui/plots/energy_plot.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"
#include "ui/widgets/site_selector.h"

#include <QHBoxLayout>
#include <QSlider>

#include <algorithm>

namespace eigenquant {

namespace {

/// How many of the first hold this share.
int countFor(const std::vector<double>& cumulative, double share)
{
    return int(std::ranges::lower_bound(cumulative, share) - cumulative.begin()) + 1;
}

} // namespace

RotatedSlide::RotatedSlide(Workspace& workspace, QWidget* parent)
    : Slide(QStringLiteral("rotated"), new EnergyPlot, parent), m_workspace(workspace)
{
    m_plot = static_cast<EnergyPlot*>(&figure());
    auto* row = addControls();
    row->addWidget(new SiteSelector(workspace.selection()));
    row->addStretch(1);
    m_share = addSlider(*addControls(), tr("K / d"), 0, 64, 4, sliderShare);
    connect(m_share, &QSlider::valueChanged, this, &RotatedSlide::show);
    connect(&workspace, &Workspace::statisticsChanged, this, &RotatedSlide::show);
    connect(&workspace.selection(), &Selection::siteChanged, this, &RotatedSlide::show);
    show();
}

void RotatedSlide::show()
{
    const auto& statistics = m_workspace.statistics();
    const SiteId id = m_workspace.selection().site();
    SlideContent content{tr("The same with all channels: few dimensions hold nearly all"), {}, {}};
    content
        .say(tr("R holds the eigenvectors of XᵀX, by falling eigenvalue. Turning activations and weights together "
                "changes nothing of what the layer computes:"))
        .formula(QStringLiteral("X W = (X R) (R^\\top W)"))
        .say(
            tr("But the turned activations XR are uncorrelated, and most of their energy lies in the first K of d "
               "dimensions. No K orthogonal directions hold more than these."));
    if (!statistics || statistics->sites.empty()) {
        m_plot->setSite({}, 0);
        setContent(content);
        return;
    }
    const SiteStatistics& site = statistics->site(id);
    const int salient = sliderBudget(m_share->value()).count(site.channels);
    m_plot->setSite(site, salient);
    m_plot->setTitle(text::siteLabel(id));
    if (!site.eigenvalues.empty()) {
        const auto own = series::cumulativeShare(series::descending(site.channelEnergy));
        const auto turned = series::cumulativeShare(series::descending(site.eigenvalues));
        const auto share = [&](Basis basis) {
            return text::percent(salientEnergyShare(site, basis, Select::Top, salient));
        };
        content.fact(tr("K of d"), tr("%1 of %2").arg(salient).arg(site.channels))
            .fact(tr("The strongest K channels hold"), share(Basis::Original))
            .fact(tr("The first K dimensions hold"), share(Basis::Pca))
            .fact(tr("For 90 %: channels, dimensions"),
                  tr("%1, %2").arg(countFor(own, 0.9)).arg(countFor(turned, 0.9)));
    }
    content.sources = tr("%1, %2 tokens of %3. ROSAQ, arXiv 2506.13472.")
                          .arg(text::fromStd(statistics->model.name), text::grouped(statistics->tokens),
                               text::fromStd(statistics->textName));
    setContent(content);
}

} // namespace eigenquant
