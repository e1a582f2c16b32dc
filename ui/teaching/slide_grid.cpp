// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "core/session/session.h"
#include "ui/plots/grid_plot.h"
#include "ui/text/format.h"

#include <QSlider>

#include <cmath>

namespace eigenquant {

namespace {

constexpr int kWeights = 31;     // and the outlier
constexpr int kOutlierSteps = 2; // of the slider, a standard deviation

/// The quantiles of the logistic distribution, scaled to a standard deviation of 1: bell-shaped, and the same
/// always.
std::vector<float> bellWeights()
{
    std::vector<float> weights;
    for (int i = 0; i < kWeights; ++i) {
        const double p = (i + 0.5) / kWeights;
        weights.push_back(float(std::log(p / (1 - p)) * 0.5513));
    }
    return weights;
}

} // namespace

GridSlide::GridSlide(QWidget* parent) : Slide(QStringLiteral("grid"), new GridPlot, parent)
{
    m_plot = static_cast<GridPlot*>(&figure());
    auto* row = addControls();
    m_bits = addSlider(*row, tr("Bits"), kMinBits, kMaxBits, 3, [](int value) { return QString::number(value); });
    m_outlier = addSlider(*row, tr("Outlier"), 3 * kOutlierSteps, 20 * kOutlierSteps, 6 * kOutlierSteps,
                          [](int value) { return tr("%1 σ").arg(text::fixed(double(value) / kOutlierSteps, 1)); });
    connect(m_bits, &QSlider::valueChanged, this, &GridSlide::show);
    connect(m_outlier, &QSlider::valueChanged, this, &GridSlide::show);
    show();
}

void GridSlide::show()
{
    std::vector<float> weights = bellWeights();
    weights.push_back(float(m_outlier->value()) / kOutlierSteps);
    const RoundedGroup group = roundGroup(weights, m_bits->value(), false);
    double others = 0;
    for (std::size_t i = 0; i < kWeights; ++i)
        others += std::pow(group.rounded[i] - weights[i], 2) / kWeights;
    m_plot->setGroup(weights, group);
    SlideContent content{tr("What quantization error is: weights on a grid"), {}, {}};
    content
        .say(tr("A quantized weight is stored as a whole number of b bits. The weights of a group share one grid: "
                "2ᵇ levels, evenly spread from the smallest weight to the largest."))
        .formula(QStringLiteral("s = \\frac{\\text{max} \\, w - \\text{min} \\, w}{2^b - 1}"))
        .formula(QStringLiteral("q = \\text{round}(w / s) + z , \\quad \\hat{w} = s (q - z)"))
        .say(tr("Each weight moves by about half a step at most. But one large weight stretches the grid for all: "
                "the step "
                "grows, and the others lose what told them apart. One bit more halves the step."))
        .fact(tr("Step s, in standard deviations"), text::number(group.scale))
        .fact(tr("Mean squared error of the 31 ordinary weights"), text::number(others))
        .fact(tr("Error of the group, relative"), text::percent(group.squaredError / group.squaredNorm, 2));
    content.sources =
        tr("The grid is the one that this program quantizes with: asymmetric, widened to hold 0, its step "
           "stored in FP16. The weights are made up: 31 in the shape of a bell, and one outlier.");
    setContent(content);
}

} // namespace eigenquant
