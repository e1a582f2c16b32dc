// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/token_map_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

constexpr int kMostColumns = 2048; // more than a screen is wide
constexpr double kMagnitudeDecades = 3;

int columnsOf(int channels)
{
    return std::clamp(channels, 1, kMostColumns);
}

double largestOf(const std::vector<float>& values)
{
    double largest = 0;
    for (const float value : values)
        if (std::isfinite(value))
            largest = std::max(largest, double(std::abs(value)));
    return largest;
}

/// A token as it is read in one line: line breaks and tabs by their signs.
QString visible(const std::string& token)
{
    QString text = QString::fromStdString(token);
    text.replace(QLatin1Char('\n'), QStringLiteral("↵")).replace(QLatin1Char('\t'), QStringLiteral("⇥"));
    return text;
}

} // namespace

std::vector<double> largestMagnitudes(const float* values, int count, int bins)
{
    std::vector<double> result(std::size_t(bins), 0.0);
    for (int bin = 0; bin < bins; ++bin) {
        const auto begin = std::int64_t(bin) * count / bins, end = std::int64_t(bin + 1) * count / bins;
        for (auto i = begin; i < std::max(begin + 1, end) && i < count; ++i)
            if (std::isfinite(values[i]))
                result[std::size_t(bin)] = std::max(result[std::size_t(bin)], double(std::abs(values[i])));
    }
    return result;
}

TokenMapPlot::TokenMapPlot(QWidget* parent) : PlotView(tr("Tokens × channels"), parent)
{
    canvas().setInteractions(QCP::iNone);
    connect(&canvas(), &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (const Pointed pointed = placeAt(event->position()); pointed.channel >= 0)
            emit channelClicked(pointed.channel);
    });
}

void TokenMapPlot::setMaps(std::shared_ptr<const ActivationMaps> maps, const QString& message)
{
    m_maps = std::move(maps);
    m_message = message;
    scheduleDraw();
}

void TokenMapPlot::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    scheduleDraw();
}

const std::vector<float>& TokenMapPlot::valuesOf(bool isRotated) const
{
    return isRotated ? m_maps->rotated : m_maps->sample.values;
}

void TokenMapPlot::draw(const PlotTheme& theme)
{
    m_panels.clear();
    if (!m_maps || m_maps->sample.tokens() == 0 || m_maps->sample.channels == 0) {
        showMessage(theme, m_message.isEmpty() ? tr("No sample was read") : m_message);
        return;
    }
    const double largest = std::max(largestOf(m_maps->sample.values), largestOf(m_maps->rotated));
    drawPanel(theme, false, largest);
    if (!m_maps->rotated.empty())
        drawPanel(theme, true, largest);
}

void TokenMapPlot::drawPanel(const PlotTheme& theme, bool isRotated, double largest)
{
    const int channels = m_maps->sample.channels, tokens = m_maps->sample.tokens(), columns = columnsOf(channels);
    QString heading = isRotated ? tr("after the PCA rotation") : tr("original channels");
    if (!isRotated && m_maps->rotated.empty())
        heading += tr(" (not rotated: %1)").arg(QString::fromStdString(m_maps->whyNotRotated));
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, isRotated ? 1 : 0, heading);
    QCPAxis *x = rect.axis(QCPAxis::atBottom), *y = rect.axis(QCPAxis::atLeft);
    auto* map = new QCPColorMap(x, y);
    map->data()->setSize(columns, tokens);
    const double width = double(channels) / columns;
    map->data()->setRange({width / 2 - 0.5, channels - width / 2 - 0.5}, {0, std::max(1.0, tokens - 1.0)});
    for (int token = 0; token < tokens; ++token) {
        const auto row =
            largestMagnitudes(valuesOf(isRotated).data() + std::ptrdiff_t(token) * channels, channels, columns);
        for (int column = 0; column < columns; ++column)
            map->data()->setCell(column, token,
                                 m_logarithmic ? std::log10(row[std::size_t(column)]) : row[std::size_t(column)]);
    }
    map->setInterpolate(false);
    map->setGradient(PlotTheme::heatGradient());
    const double top = largest > 0 ? largest : 1;
    map->setDataRange(m_logarithmic ? QCPRange(std::log10(top) - kMagnitudeDecades, std::log10(top))
                                    : QCPRange(0, top));
    if (isRotated || m_maps->rotated.empty()) {
        auto* scale = new QCPColorScale(&canvas());
        static_cast<QCPLayoutGrid*>(rect.layout())->addElement(1, 1, scale);
        styleColorScale(*scale, *map, rect, theme);
        scale->axis()->setLabel(m_logarithmic ? tr("log₁₀ |x|") : tr("|x|"));
    }
    x->setLabel((isRotated ? tr("Dimension index, by falling eigenvalue") : tr("Channel index")) +
                (columns < channels ? tr(" (the largest of %1 a column)").arg(width, 0, 'f', 1) : QString()));
    y->setLabel(tr("Token"));
    x->setRange(-0.5, channels - 0.5);
    y->setRange(-0.5, tokens - 0.5);
    y->setRangeReversed(true);
    m_panels.push_back({isRotated, &rect, PlotCursor(rect, theme, PlotCursor::Direction::Level),
                        PlotCursor(rect, theme, PlotCursor::Direction::Upright)});
}

Pointed TokenMapPlot::under(const QPointF& position) const
{
    for (const Panel& panel : m_panels) {
        if (!panel.rect->rect().contains(position.toPoint()))
            continue;
        const int token = int(std::lround(panel.rect->axis(QCPAxis::atLeft)->pixelToCoord(position.y())));
        const int channel = int(std::lround(panel.rect->axis(QCPAxis::atBottom)->pixelToCoord(position.x())));
        Pointed pointed{.layer = m_maps->sample.site.layer, .site = m_maps->sample.site.site};
        if (token >= 0 && token < m_maps->sample.tokens())
            pointed.token = token;
        if (channel >= 0 && channel < m_maps->sample.channels)
            (panel.isRotated ? pointed.dimension : pointed.channel) = channel;
        return pointed;
    }
    return {};
}

QString TokenMapPlot::wordsAt(bool isRotated, int token, int channel) const
{
    QString words = tr("token %1 “%2”").arg(token).arg(visible(m_maps->tokens[std::size_t(token)]));
    if (channel >= 0) {
        const std::size_t at = std::size_t(token) * std::size_t(m_maps->sample.channels) + std::size_t(channel);
        words += (isRotated ? tr("\ndimension %1: %2") : tr("\nchannel %1: %2"))
                     .arg(channel)
                     .arg(text::number(valuesOf(isRotated)[at], 4));
    }
    return words;
}

void TokenMapPlot::mark(const Pointed& pointed)
{
    for (Panel& panel : m_panels) {
        panel.token.hide();
        panel.channel.hide();
        const SiteId site = m_maps->sample.site;
        if (pointed.layer != site.layer || pointed.site != site.site)
            continue;
        const int channel = panel.isRotated ? pointed.dimension : pointed.channel;
        const bool hasChannel = channel >= 0 && channel < m_maps->sample.channels;
        if (pointed.token >= 0 && pointed.token < m_maps->sample.tokens())
            panel.token.show(pointed.token, wordsAt(panel.isRotated, pointed.token, hasChannel ? channel : -1));
        if (hasChannel)
            panel.channel.show(channel, {});
    }
}

TableData TokenMapPlot::table() const
{
    TableData data;
    data.headings = {tr("token"), tr("id"), tr("text")};
    if (!m_maps)
        return data;
    const int channels = m_maps->sample.channels, columns = columnsOf(channels);
    const bool isWhole = columns == channels;
    // One row a token. Signed values where each channel has a column of its own, else the magnitudes that are drawn.
    for (const bool isRotated : {false, true})
        for (int column = 0; column < columns && !valuesOf(isRotated).empty(); ++column)
            data.headings << QStringLiteral("%1_%2%3")
                                 .arg(isRotated ? QStringLiteral("rotated") : QStringLiteral("original"),
                                      isWhole ? QString() : QStringLiteral("max_abs_from_"))
                                 .arg(std::int64_t(column) * channels / columns);
    for (int token = 0; token < m_maps->sample.tokens(); ++token) {
        QVariantList row{token, m_maps->sample.ids[std::size_t(token)],
                         QString::fromStdString(m_maps->tokens[std::size_t(token)])};
        for (const bool isRotated : {false, true}) {
            if (valuesOf(isRotated).empty())
                continue;
            const float* values = valuesOf(isRotated).data() + std::ptrdiff_t(token) * channels;
            if (isWhole)
                for (int channel = 0; channel < channels; ++channel)
                    row << double(values[channel]);
            else
                for (const double value : largestMagnitudes(values, channels, columns))
                    row << value;
        }
        data.rows.push_back(std::move(row));
    }
    return data;
}

} // namespace eigenquant
