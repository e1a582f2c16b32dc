// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/latency_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <QCheckBox>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {

namespace {

constexpr double kBarWidth = 0.34; // two of them and a gap between batch sizes
constexpr double kBatchOffset = 0.185;  // of a bar's middle from the batch size's

bool isPositive(double value)
{
    return std::isfinite(value) && value > 0;
}

/// Room for the legend and the labels above the highest bar, and on a logarithmic axis below the lowest mark.
QCPRange valueRange(const std::vector<LatencyRow>& rows, bool logarithmic)
{
    double lowest = std::numeric_limits<double>::infinity();
    double highest = 0;
    for (const LatencyRow& row : rows) {
        for (const double value : {row.msPerStep, row.baselineMsPerStep, row.rooflineMs, row.baselineRooflineMs}) {
            if (!isPositive(value))
                continue;
            lowest = std::min(lowest, value);
            highest = std::max(highest, value);
        }
    }
    if (highest <= 0)
        return logarithmic ? QCPRange(0.1, 10) : QCPRange(0, 1);
    if (!logarithmic)
        return {0, highest * 1.4};
    return {lowest / 2, highest * std::pow(2 * highest / lowest, 0.4)};
}

/// 1, 2 and 5 of each decade: times lie within one or two, where powers of ten alone are too few.
QSharedPointer<QCPAxisTicker> decadeTicker(const QCPRange& range)
{
    auto ticker = QSharedPointer<QCPAxisTickerText>(new QCPAxisTickerText);
    const double lowest = std::floor(std::log10(range.lower));
    const double highest = std::min(std::log10(range.upper), lowest + 12);
    for (double decade = lowest; decade <= highest; ++decade)
        for (const int digit : {1, 2, 5})
            ticker->addTick(digit * std::pow(10, decade), text::number(digit * std::pow(10, decade)));
    return ticker;
}

QCPBars& addBars(QCPAxis& x, QCPAxis& y, QCPLegend& legend, const QString& name)
{
    auto* bars = new QCPBars(&x, &y);
    bars->setWidth(kBarWidth);
    bars->setBaseValue(y.range().lower); // a bar's own value counts from there
    bars->setName(name);
    bars->addToLegend(&legend);
    return *bars;
}

/// A line across the bar of each batch size: points in pairs with gaps between them.
void addRooflines(QCPAxis& x, QCPAxis& y, QCPLegend& legend, const PlotTheme& theme,
                  const std::vector<LatencyRow>& rows)
{
    auto* lines = x.parentPlot()->addGraph(&x, &y);
    lines->setPen(QPen(theme.text, 2, Qt::DashLine));
    const auto add = [&](double middle, double value) {
        if (!isPositive(value))
            return;
        lines->addData(middle - kBarWidth / 2, value);
        lines->addData(middle + kBarWidth / 2, value);
        lines->addData(middle + kBarWidth / 2, std::numeric_limits<double>::quiet_NaN());
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        add(double(i) - kBatchOffset, rows[i].rooflineMs);
        if (isPositive(rows[i].baselineMsPerStep))
            add(double(i) + kBatchOffset, rows[i].baselineRooflineMs);
    }
    if (lines->dataCount() == 0)
        return;
    lines->setName(LatencyPlot::tr("the device's limit"));
    lines->addToLegend(&legend);
}

QString nameOfOurs(const LatencyResult& latency)
{
    if (latency.method.empty() || latency.method == "float")
        return LatencyPlot::tr("the model as it is");
    // The word as it came: a file may know methods that this program does not.
    return LatencyPlot::tr("%1, %2 bits").arg(text::fromStd(latency.method), text::fixed(latency.effectiveBits, 2));
}

} // namespace

LatencyPlot::LatencyPlot(QWidget* parent) : PlotView(tr("Time of a decoding step"), parent)
{
    canvas().setInteractions(QCP::iNone);
    setFileStem(QStringLiteral("latency"));
    m_logarithmic = new QCheckBox(tr("Logarithmic"));
    m_logarithmic->setToolTip(tr("Logarithmic times, for batch sizes that lie far apart"));
    connect(m_logarithmic, &QCheckBox::toggled, this, &LatencyPlot::scheduleDraw);
    addToHeader(m_logarithmic);
}

void LatencyPlot::setLatency(LatencyResult latency)
{
    m_latency = std::move(latency);
    scheduleDraw();
}

void LatencyPlot::setLogarithmic(bool logarithmic)
{
    m_logarithmic->setChecked(logarithmic);
}

void LatencyPlot::draw(const PlotTheme& theme)
{
    const std::vector<LatencyRow>& rows = m_latency.rows;
    if (rows.empty()) {
        showMessage(theme, tr("Not measured yet"));
        return;
    }
    QCPAxisRect& rect = addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& x = *rect.axis(QCPAxis::atBottom);
    QCPAxis& y = *rect.axis(QCPAxis::atLeft);
    setUpAxes(x, y);
    QCPLegend& legend = addLegend(rect, theme, Qt::AlignTop | Qt::AlignLeft);
    legend.setFillOrder(QCPLegend::foColumnsFirst);
    legend.setWrap(3);
    QCPBars& own = addBars(x, y, legend, nameOfOurs(m_latency));
    own.setPen(QPen(theme.series[0], 1));
    own.setBrush(theme.series[0]);
    const bool hasBaseline =
        std::ranges::any_of(rows, [](const auto& row) { return isPositive(row.baselineMsPerStep); });
    QCPBars* baseline = hasBaseline ? &addBars(x, y, legend, tr("FP16 linears")) : nullptr;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (isPositive(rows[i].msPerStep))
            own.addData(double(i) - kBatchOffset, rows[i].msPerStep - own.baseValue());
        if (isPositive(rows[i].baselineMsPerStep))
            baseline->addData(double(i) + kBatchOffset, rows[i].baselineMsPerStep - baseline->baseValue());
    }
    if (baseline) {
        // Told apart by an outline, not by colour alone.
        QColor fill = theme.series[1];
        fill.setAlphaF(0.25f);
        baseline->setPen(QPen(theme.series[1], 1.5));
        baseline->setBrush(fill);
    }
    addRooflines(x, y, legend, theme, rows);
    labelSpeedups(theme, x, y);
}

void LatencyPlot::setUpAxes(QCPAxis& x, QCPAxis& y) const
{
    auto ticker = QSharedPointer<QCPAxisTickerText>(new QCPAxisTickerText);
    for (std::size_t i = 0; i < m_latency.rows.size(); ++i)
        ticker->addTick(double(i), QString::number(m_latency.rows[i].batch));
    x.setTicker(ticker);
    x.grid()->setVisible(false);
    x.setTickLength(0);
    x.setRange(-0.6, double(m_latency.rows.size()) - 0.4);
    x.setLabel(tr("Batch size"));
    const bool logarithmic = m_logarithmic->isChecked();
    eigenquant::setLogarithmic(y, logarithmic);
    y.setRange(valueRange(m_latency.rows, logarithmic));
    if (logarithmic)
        y.setTicker(decadeTicker(y.range()));
    y.setLabel(tr("ms a step"));
}

void LatencyPlot::labelSpeedups(const PlotTheme& theme, QCPAxis& x, QCPAxis& y)
{
    for (std::size_t i = 0; i < m_latency.rows.size(); ++i) {
        const LatencyRow& row = m_latency.rows[i];
        if (!isPositive(row.msPerStep))
            continue;
        auto* label = new QCPItemText(&canvas());
        label->setText(isPositive(row.speedup) ? text::fixed(row.speedup, 2) + QStringLiteral("×")
                                               : text::fixed(row.msPerStep, 2));
        label->setColor(theme.text);
        QFont font = QApplication::font();
        font.setBold(true);
        label->setFont(font);
        label->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        label->setPadding({0, 0, 0, 2});
        label->position->setAxes(&x, &y);
        label->setClipAxisRect(x.axisRect());
        label->position->setCoords(double(i) - kBatchOffset, std::max(row.msPerStep, row.rooflineMs));
    }
}

TableData LatencyPlot::table() const
{
    TableData data;
    data.headings = {tr("batch"),       tr("ms_per_step"), tr("tokens_per_second"), tr("baseline_ms_per_step"),
                     tr("speedup"),     tr("roofline_ms"), tr("roofline_share"),    tr("gpu_bytes"),
                     tr("prompt_ms"),   tr("kv"),          tr("kernel")};
    for (const LatencyRow& row : m_latency.rows)
        data.rows.push_back({row.batch, row.msPerStep, row.tokensPerSecond, row.baselineMsPerStep, row.speedup,
                             row.rooflineMs, row.rooflineShare, qulonglong(row.gpuBytes), row.promptMs,
                             text::fromStd(name(row.kv)), text::fromStd(row.kernel)});
    return data;
}

} // namespace eigenquant
