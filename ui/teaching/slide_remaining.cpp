// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "ui/state/site_summary.h"
#include "ui/text/format.h"
#include "ui/widgets/site_selector.h"

#include <QHBoxLayout>
#include <QPointer>
#include <QSlider>

namespace eigenquant {

namespace {

constexpr int kWidths[] = {2, 3, 4};
constexpr int kSteps = 64; // of the slider, and of a curve

/// The error of one site, for every width and every K that the slider can stand for.
std::vector<RemainingCurve> forecast(const ModelStatistics& statistics, SiteId id, const RunContext& context)
{
    PlanOptions options = PlanOptions::of(Method::Rosaq);
    options.groupSize = statistics.groupSizes.front();
    options.attnOut = SiteTreatment::Full;
    Plan plan = makePlan(statistics, options);
    std::vector<int> linears;
    for (std::size_t i = 0; i < plan.linears.size(); ++i)
        if (plan.linears[i].id.site() == id)
            linears.push_back(int(i));
    const int channels = statistics.site(id).channels;
    std::vector<RemainingCurve> curves;
    for (const int bits : kWidths) {
        RemainingCurve curve{.bits = bits};
        for (int step = 0; step <= kSteps; ++step) {
            context.checkpoint();
            const int salient = sliderBudget(step).count(channels);
            for (const int linear : linears) {
                plan.linears[std::size_t(linear)].bits = bits;
                plan.linears[std::size_t(linear)].salient = salient;
            }
            predict(plan, statistics, id);
            const SiteSummary summary = summarize(plan, statistics, plan.site(id), linears);
            curve.salient.push_back(salient);
            curve.error.push_back(summary.predictedError);
            curve.weightBits.push_back(summary.effectiveBits - summary.rotationBits);
        }
        curves.push_back(std::move(curve));
    }
    return curves;
}

bool canForecast(const ModelStatistics* statistics)
{
    return statistics && !statistics->sites.empty() && !statistics->normsOnly && !statistics->groupSizes.empty();
}

} // namespace

RemainingSlide::RemainingSlide(Workspace& workspace, QWidget* parent)
    : Slide(QStringLiteral("remaining"), new RemainingPlot, parent), m_workspace(workspace)
{
    m_plot = static_cast<RemainingPlot*>(&figure());
    auto* row = addControls();
    row->addWidget(new SiteSelector(workspace.selection()));
    row->addStretch(1);
    m_share = addSlider(*addControls(), tr("K / d"), 0, 64, 4, sliderShare);
    connect(m_share, &QSlider::valueChanged, this, &RemainingSlide::show);
    const auto changed = [this] {
        if (isVisible())
            computeIfStale();
    };
    connect(&workspace, &Workspace::statisticsChanged, this, changed);
    connect(&workspace.selection(), &Selection::siteChanged, this, changed);
    show();
}

void RemainingSlide::computeIfStale()
{
    const SiteId id = m_workspace.selection().site();
    if (m_statistics == m_workspace.statistics() && m_site == id)
        return;
    m_statistics = m_workspace.statistics();
    m_site = id;
    m_curves.clear();
    show();
    if (!canForecast(m_statistics.get()))
        return;
    const QPointer<RemainingSlide> self(this);
    m_workspace.jobs().submit(
        JobLane::Files, QStringLiteral("lesson-forecast"), tr("Expected error at %1").arg(text::siteLabel(id)),
        [statistics = m_statistics, id](const RunContext& context) { return forecast(*statistics, id, context); },
        [self, statistics = m_statistics, id](JobOutcome<std::vector<RemainingCurve>> outcome) {
            if (!self || !outcome.value || self->m_statistics != statistics || self->m_site != id)
                return;
            self->m_curves = std::move(*outcome.value);
            self->show();
        });
}

void RemainingSlide::show()
{
    SlideContent content{tr("K, bits and what remains"), {}, {}};
    content
        .say(tr("The first K dimensions stay in 16 bits, the others are rounded to b bits. In the turned basis no "
                "cross "
                "terms are left: the error is a plain sum over what was rounded."))
        .formula(QStringLiteral(
            "\\frac{1}{n} \\| X R \\, \\Delta W \\|^2 = \\sum_{j > K} \\lambda_j \\| \\Delta W_j \\|^2"))
        .say(
            tr("ΔW is what rounding does to RᵀW. A larger K takes the largest λ out of the sum, and costs 16 bits "
               "for "
               "each of its weights; one bit more makes every ‖ΔW‖² about four times smaller, and costs one bit a "
               "weight:"))
        .formula(QStringLiteral("\\text{bits a weight} \\approx b + \\frac{K}{d} (16 - b) + \\text{scales}"));
    const auto step = std::size_t(m_share->value());
    for (const RemainingCurve& curve : m_curves)
        content.fact(
            tr("%1 bits, K = %2: error · bits a weight").arg(curve.bits).arg(curve.salient[step]),
            tr("%1 · %2").arg(text::percent(curve.error[step], 2), text::fixed(curve.weightBits[step], 2)));
    m_plot->setCurves(m_curves, m_curves.empty() ? 0 : m_curves.front().salient[step]);
    if (canForecast(m_statistics.get())) {
        m_plot->setTitle(text::siteLabel(m_site));
        content.sources =
            tr("Expected from the statistics of %1, groups of %2; the rotation's own bits are not counted. "
               "Bits for each channel in place of K: CMPQ, arXiv 2410.13056.")
                .arg(text::fromStd(m_statistics->model.name))
                .arg(m_statistics->groupSizes.front());
    }
    setContent(content);
}

} // namespace eigenquant
