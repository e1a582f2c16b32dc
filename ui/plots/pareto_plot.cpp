// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/pareto_plot.h"

#include "ui/plots/figure_parts.h"
#include "ui/text/format.h"

#include <QCheckBox>
#include <qcustomplot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace eigenquant {

namespace {

using Scatter = QCPScatterStyle;

constexpr std::array kVariantMarkers{Scatter::ssDisc,    Scatter::ssSquare, Scatter::ssTriangle,
                              Scatter::ssDiamond, Scatter::ssPlus,   Scatter::ssTriangleInverted,
                              Scatter::ssCross,   Scatter::ssStar,   Scatter::ssCrossCircle};
constexpr double kMarkerSize = 9;
constexpr double kReach = 14; // pixels

bool isFloat(const RunEntry& entry)
{
    return entry.result.method == "float";
}

bool isDrawable(const RunEntry& entry)
{
    return !isFloat(entry) && std::isfinite(entry.result.effectiveBits) && std::isfinite(entry.result.perplexity);
}

} // namespace

ParetoPlot::ParetoPlot(QWidget* parent) : PlotView(tr("Perplexity against effective bits"), parent)
{
    setFileStem(QStringLiteral("perplexity-bits"));
    m_withRotations = new QCheckBox(tr("Count rotations"));
    m_withRotations->setToolTip(
        tr("Count the bits of rotations that are applied at run time; unticked, those of the "
           "weights alone"));
    m_withRotations->setChecked(true);
    connect(m_withRotations, &QCheckBox::toggled, this, &ParetoPlot::scheduleDraw);
    addToHeader(m_withRotations);
    connect(&canvas(), &QCustomPlot::mouseRelease, this,
            [this](QMouseEvent* event) { takeClick(event->position()); });
}

double ParetoPlot::bitsOf(const RunEntry& entry) const
{
    const double rotations = std::isfinite(entry.result.rotationBits) ? entry.result.rotationBits : 0;
    return entry.result.effectiveBits - (m_withRotations->isChecked() ? 0 : rotations);
}

void ParetoPlot::setEntries(std::vector<RunEntry> entries)
{
    m_entries = std::move(entries);
    m_selected = -1;
    m_withRotations->setVisible(
        std::ranges::any_of(m_entries, [](const RunEntry& entry) { return entry.result.rotationBits > 0; }));
    scheduleDraw();
}

void ParetoPlot::setSelected(int entry)
{
    if (entry == m_selected)
        return;
    m_selected = entry;
    scheduleDraw();
}

void ParetoPlot::takeClick(QPointF position)
{
    if (!m_rect || std::ranges::none_of(m_entries, isDrawable))
        return;
    double nearest = kReach;
    int found = -1;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        if (!isDrawable(m_entries[i]))
            continue;
        const QPointF at(m_rect->axis(QCPAxis::atBottom)->coordToPixel(bitsOf(m_entries[i])),
                         m_rect->axis(QCPAxis::atLeft)->coordToPixel(m_entries[i].result.perplexity));
        if (const double distance = QLineF(at, position).length(); distance < nearest) {
            nearest = distance;
            found = int(i);
        }
    }
    if (found >= 0)
        emit entryClicked(found);
}

void ParetoPlot::draw(const PlotTheme& theme)
{
    m_rect = nullptr;
    if (std::ranges::none_of(m_entries, isDrawable)) {
        showMessage(theme, tr("No variant yet: open a comparison, or run one"));
        return;
    }
    m_rect = &addPanel(canvas(), theme, 0, 0, {});
    QCPAxis& x = *m_rect->axis(QCPAxis::atBottom);
    QCPAxis& y = *m_rect->axis(QCPAxis::atLeft);
    x.setLabel(m_withRotations->isChecked() ? tr("Effective bits a weight, all that is needed at run time")
                                            : tr("Bits a weight, without run-time rotations"));
    y.setLabel(tr("Perplexity"));
    setRanges(x, y);
    QCPLegend& legend = addLegend(*m_rect, theme, Qt::AlignTop | Qt::AlignRight);
    drawFloat(theme, x, y, legend);
    // The front is that of all bits; the weights alone have another.
    if (m_withRotations->isChecked() || m_withRotations->isHidden())
        drawFront(theme, x, y, legend);
    drawPoints(theme, x, y, legend);
    drawSelected(theme, x, y);
}

void ParetoPlot::setRanges(QCPAxis& x, QCPAxis& y) const
{
    QCPRange bits; // its constructor would put the ends the right way round
    bits.lower = std::numeric_limits<double>::infinity();
    bits.upper = -bits.lower;
    QCPRange perplexity = bits;
    for (const RunEntry& entry : m_entries) {
        if (!isDrawable(entry) && !(isFloat(entry) && std::isfinite(entry.result.perplexity)))
            continue;
        const double error = std::isfinite(entry.result.standardError) ? entry.result.standardError : 0;
        perplexity.lower = std::min(perplexity.lower, entry.result.perplexity - error);
        perplexity.upper = std::max(perplexity.upper, entry.result.perplexity + error);
        if (isFloat(entry))
            continue; // its 16 bits would press the others together; it is a line across
        bits.lower = std::min(bits.lower, bitsOf(entry));
        bits.upper = std::max(bits.upper, bitsOf(entry));
    }
    const auto widened = [](QCPRange range) {
        const double margin = range.size() > 0 ? 0.08 * range.size() : std::max(0.05 * range.upper, 0.1);
        return QCPRange(range.lower - margin, range.upper + margin);
    };
    x.setRange(widened(bits));
    // A variant that is broken lies decades above the others.
    const bool isWide = perplexity.lower > 0 && perplexity.upper > 8 * perplexity.lower;
    setLogarithmic(y, isWide);
    y.setRange(isWide ? QCPRange(perplexity.lower / 1.3, perplexity.upper * 1.3) : widened(perplexity));
    if (!isWide)
        y.setNumberPrecision(4);
}

void ParetoPlot::drawPoints(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, QCPLegend& legend)
{
    std::map<std::pair<int, std::string>, QCPGraph*> graphs;
    std::map<std::string, std::size_t> styles;
    const bool hasReports = !m_entries.empty() && m_entries.back().report > 0;
    for (const RunEntry& entry : m_entries) {
        if (!isDrawable(entry))
            continue;
        const auto style = styles.try_emplace(entry.result.method, styles.size()).first->second;
        QCPGraph*& graph = graphs[{entry.report, entry.result.method}];
        if (!graph) {
            const QColor color = theme.series[style % theme.series.size()];
            // Filled in the first report, an outline in the others.
            const QBrush fill = entry.report == 0 ? QBrush(color) : QBrush(Qt::NoBrush);
            graph = canvas().addGraph(&x, &y);
            graph->setLineStyle(QCPGraph::lsNone);
            graph->setPen(QPen(color, 1.5));
            graph->setScatterStyle(
                Scatter(kVariantMarkers[style % kVariantMarkers.size()], QPen(color, 1.5), fill, kMarkerSize));
            const QString method = text::fromStd(entry.result.method);
            graph->setName(hasReports ? tr("%1, %2").arg(method, entry.reportName) : method);
            graph->addToLegend(&legend);
        }
        graph->addData(bitsOf(entry), entry.result.perplexity);
        if (!std::isfinite(entry.result.standardError))
            continue;
        auto* bar = new QCPItemLine(&canvas());
        for (QCPItemPosition* end : {bar->start, bar->end})
            end->setAxes(&x, &y);
        bar->setClipAxisRect(x.axisRect());
        bar->start->setCoords(bitsOf(entry), entry.result.perplexity - entry.result.standardError);
        bar->end->setCoords(bitsOf(entry), entry.result.perplexity + entry.result.standardError);
        bar->setHead(QCPLineEnding(QCPLineEnding::esBar, 6, 0));
        bar->setTail(QCPLineEnding(QCPLineEnding::esBar, 6, 0));
        bar->setPen(QPen(theme.axis, 1));
    }
}

void ParetoPlot::drawFront(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, QCPLegend& legend)
{
    std::map<int, QCPGraph*> lines;
    for (const RunEntry& entry : m_entries) {
        if (!entry.onFront)
            continue;
        QCPGraph*& line = lines[entry.report];
        if (!line) {
            line = canvas().addGraph(&x, &y);
            line->setPen(QPen(theme.text, 1.2, entry.report == 0 ? Qt::DashLine : Qt::DotLine));
            line->setName(tr("Pareto line"));
            if (lines.size() == 1)
                line->addToLegend(&legend);
        }
        line->addData(bitsOf(entry), entry.result.perplexity);
    }
}

void ParetoPlot::drawFloat(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, QCPLegend& legend)
{
    const auto found = std::ranges::find_if(m_entries, isFloat);
    if (found == m_entries.end() || !std::isfinite(found->result.perplexity))
        return;
    auto* line = canvas().addGraph(&x, &y);
    line->setPen(QPen(theme.axis, 1));
    line->addData(x.range().lower, found->result.perplexity);
    line->addData(x.range().upper, found->result.perplexity);
    line->setName(tr("float, %1").arg(text::fixed(found->result.perplexity, 3)));
    line->addToLegend(&legend);
}

void ParetoPlot::drawSelected(const PlotTheme& theme, QCPAxis& x, QCPAxis& y)
{
    if (m_selected < 0 || m_selected >= int(m_entries.size()) || !isDrawable(m_entries[std::size_t(m_selected)]))
        return;
    const RunEntry& entry = m_entries[std::size_t(m_selected)];
    auto* ring = canvas().addGraph(&x, &y);
    ring->setLineStyle(QCPGraph::lsNone);
    ring->setScatterStyle(Scatter(Scatter::ssCircle, QPen(theme.accent, 2), Qt::NoBrush, kMarkerSize + 7));
    ring->addData(bitsOf(entry), entry.result.perplexity);
    auto* label = new QCPItemText(&canvas());
    const bool isRight = bitsOf(entry) > x.range().center();
    label->position->setAxes(&x, &y);
    label->position->setCoords(bitsOf(entry), entry.result.perplexity);
    label->setPositionAlignment((isRight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignBottom);
    label->setPadding({10, 2, 10, 8});
    label->setColor(theme.text);
    label->setText(tr("%1: %2 at %3 bits")
                       .arg(text::fromStd(entry.result.name), text::fixed(entry.result.perplexity, 3),
                            text::fixed(bitsOf(entry), 3)));
    label->setClipAxisRect(x.axisRect());
}

TableData ParetoPlot::table() const
{
    TableData data;
    data.headings = {tr("report"), tr("name"), tr("method"), tr("effective_bits"), tr("perplexity"),
                     tr("stderr"), tr("kl"),   tr("bytes"),  tr("pareto")};
    for (const RunEntry& entry : m_entries)
        data.rows.push_back({entry.reportName, text::fromStd(entry.result.name),
                             text::fromStd(entry.result.method), entry.result.effectiveBits,
                             entry.result.perplexity, entry.result.standardError, entry.result.kl,
                             qulonglong(entry.result.bytes), entry.onFront ? 1 : 0});
    return data;
}

} // namespace eigenquant
