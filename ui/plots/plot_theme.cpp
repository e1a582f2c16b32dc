// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_theme.h"

#include <qcustomplot.h>

#include <algorithm>

namespace eigenquant {

namespace {

constexpr std::array<Qt::PenStyle, 4> kLineStyles{Qt::SolidLine, Qt::DashLine, Qt::DashDotLine, Qt::DotLine};

QColor blend(const QColor& a, const QColor& b, double share)
{
    return QColor::fromRgbF(float(a.redF() + (b.redF() - a.redF()) * share),
                            float(a.greenF() + (b.greenF() - a.greenF()) * share),
                            float(a.blueF() + (b.blueF() - a.blueF()) * share));
}

} // namespace

PlotTheme PlotTheme::fromPalette(const QPalette& palette)
{
    PlotTheme theme;
    theme.background = palette.color(QPalette::Base);
    theme.text = palette.color(QPalette::Text);
    theme.dark = theme.background.lightness() < theme.text.lightness();
    theme.axis = blend(theme.text, theme.background, 0.35);
    theme.grid = blend(theme.text, theme.background, theme.dark ? 0.82 : 0.87);
    if (theme.dark) {
        theme.accent = QColor(0xF0E442);
        theme.series = {QColor(0x56B4E9), QColor(0xE69F00), QColor(0x2BC49A), QColor(0xDD93BB)};
    } else {
        theme.accent = QColor(Qt::black);
        theme.series = {QColor(0x0072B2), QColor(0xD55E00), QColor(0x009E73), QColor(0xB0578C)};
    }
    return theme;
}

QFont PlotTheme::scaledFont(double scale) const
{
    QFont scaled = font;
    if (font.pixelSize() > 0)
        scaled.setPixelSize(std::max(1, qRound(font.pixelSize() * scale)));
    else
        scaled.setPointSizeF(font.pointSizeF() * scale);
    return scaled;
}

QPen PlotTheme::seriesPen(int index) const
{
    const auto at = std::size_t(index) % series.size();
    QPen pen(series[at], 2);
    pen.setStyle(kLineStyles[at]);
    return pen;
}

void PlotTheme::apply(QCPAxisRect& rect) const
{
    rect.setBackground(background);
    for (QCPAxis* axis : rect.axes()) {
        axis->setBasePen(QPen(this->axis));
        axis->setTickPen(QPen(this->axis));
        axis->setSubTickPen(QPen(this->axis));
        axis->setTickLabelColor(text);
        axis->setLabelColor(text);
        axis->setTickLabelFont(scaledFont(0.9));
        axis->setLabelFont(scaledFont(0.95));
        axis->setLabelPadding(6);
        axis->setNumberFormat(QStringLiteral("gb"));
        axis->grid()->setPen(QPen(grid));
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setZeroLinePen(QPen(grid));
    }
}

void PlotTheme::apply(QCPLegend& legend) const
{
    QColor glass = background;
    glass.setAlphaF(0.85f);
    legend.setBrush(glass);
    legend.setBorderPen(QPen(grid));
    legend.setTextColor(text);
    legend.setFont(scaledFont(0.9));
    legend.setRowSpacing(0);
    legend.setMargins({8, 4, 8, 4});
}

void PlotTheme::apply(QCustomPlot& plot) const
{
    plot.setBackground(background);
}

QCPColorGradient PlotTheme::heatGradient()
{
    QCPColorGradient gradient;
    gradient.clearColorStops();
    gradient.setColorStopAt(0.00, QColor(13, 29, 74));
    gradient.setColorStopAt(0.25, QColor(63, 77, 107));
    gradient.setColorStopAt(0.50, QColor(122, 123, 120));
    gradient.setColorStopAt(0.75, QColor(188, 174, 108));
    gradient.setColorStopAt(1.00, QColor(255, 232, 66));
    gradient.setNanHandling(QCPColorGradient::nhLowestColor);
    return gradient;
}

} // namespace eigenquant
