// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "ui/models/channel_measure.h"
#include "ui/plots/channel_plot.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"
#include "ui/widgets/site_selector.h"

#include <QHBoxLayout>
#include <QPushButton>

#include <cmath>

namespace eigenquant {

namespace {

constexpr int kMarked = 6;

} // namespace

ChannelsSlide::ChannelsSlide(Workspace& workspace, QWidget* parent)
    : Slide(QStringLiteral("channels"), new ChannelPlot, parent), m_workspace(workspace)
{
    m_plot = static_cast<ChannelPlot*>(&figure());
    auto* row = addControls();
    row->addWidget(new SiteSelector(workspace.selection()));
    auto* worst = new QPushButton(tr("Most uneven site"));
    worst->setToolTip(tr("Goes to the site whose strongest channel holds the largest share of the energy"));
    worst->setFocusPolicy(Qt::TabFocus);
    row->addWidget(worst);
    row->addStretch(1);
    connect(worst, &QPushButton::clicked, this, &ChannelsSlide::chooseMostUneven);
    connect(&workspace, &Workspace::statisticsChanged, this, &ChannelsSlide::show);
    connect(&workspace.selection(), &Selection::siteChanged, this, &ChannelsSlide::show);
    show();
}

void ChannelsSlide::chooseMostUneven()
{
    if (m_workspace.statistics())
        m_workspace.selection().setSite(mostUnevenSite(*m_workspace.statistics()));
}

void ChannelsSlide::show()
{
    const auto& statistics = m_workspace.statistics();
    const SiteId id = m_workspace.selection().site();
    SlideContent content{tr("Activations have outliers, and they multiply the error"), {}, {}};
    content
        .say(tr(
            "A layer multiplies activations X with weights W. Of an error ΔW in the weights, its output sees each "
            "row as much as the channel of X that meets it is strong:"))
        .formula(QStringLiteral("\\frac{1}{n} \\| X \\Delta W \\|^2 \\approx \\sum_j \\text{E}[x_j^2] \\, "
                                "\\| \\Delta W_j \\|^2"))
        .say(tr("(≈: terms between correlated channels are left out.) In a language model a few channels are far "
                "stronger than the others. Rounding errors that meet them decide how bad the output becomes."));
    if (!statistics || statistics->sites.empty()) {
        m_plot->setSite({}, 0);
        setContent(content);
        return;
    }
    const SiteStatistics& site = statistics->site(id);
    m_plot->setSite(site, kMarked);
    m_plot->setTitle(text::siteLabel(id));
    const std::vector<double> falling = series::descending(site.channelEnergy);
    const std::vector<double> share = series::cumulativeShare(falling);
    const int some = SalientBudget{1.0 / 32, true}.count(site.channels);
    const std::vector<double> rms = series::rootMeanSquare(site.channelEnergy);
    const double middle = series::median(rms);
    if (!falling.empty()) {
        content.fact(tr("Strongest channel"), QString::number(series::topIndices(rms, 1).front()))
            .fact(tr("its share of the energy"), text::percent(share.front()))
            .fact(tr("its RMS against the median channel's"),
                  middle > 0 ? tr("%1 ×").arg(text::number(std::sqrt(falling.front()) / middle))
                             : text::number(NAN))
            .fact(tr("The strongest %1 of %2 hold").arg(some).arg(site.channels),
                  text::percent(some > 0 ? share[std::size_t(some - 1)] : 0));
    }
    content.sources =
        tr("%1, %2 tokens of %3. Outlier channels: LLM.int8(), arXiv 2208.07339; keeping them in 16 bits "
           "or scaling them: AWQ, arXiv 2306.00978.")
            .arg(text::fromStd(statistics->model.name), text::grouped(statistics->tokens),
                 text::fromStd(statistics->textName));
    setContent(content);
}

} // namespace eigenquant
