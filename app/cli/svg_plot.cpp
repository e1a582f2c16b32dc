// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/svg_plot.h"

#include "app/cli/text_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace eigenquant::cli {

namespace {

// Okabe and Ito's palette.
constexpr std::array kPalette{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#333333"};
constexpr double kLeft = 72, kRight = 16, kTop = 36, kBottom = 52; // margins round the axes
constexpr double kLegendRow = 16;
constexpr double kLetterWidth = 6.6; // of the 12 pixel font, on average

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void include(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

/// From a value to a place on the page, along one axis.
struct Scale {
    double low, high;   ///< of the values
    double start, stop; ///< of the page
    bool logarithmic;

    bool takes(double value) const { return std::isfinite(value) && (!logarithmic || value > 0); }
    double at(double value) const
    {
        const double share =
            logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
        return start + (stop - start) * share;
    }
    std::vector<double> ticks() const { return logarithmic ? logTicks(low, high) : linearTicks(low, high, 6); }
};

std::string px(double value)
{
    return fixed(value, 1);
}

std::string text(double x, double y, std::string_view anchor, std::string_view content,
                 std::string_view extra = {})
{
    return "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
           std::string(extra) + ">" + escapeXml(content) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view colour)
{
    return "<line x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" + px(y2) +
           "\" stroke=\"" + std::string(colour) + "\"/>\n";
}

std::string colourOf(const Series& series)
{
    return kPalette[static_cast<std::size_t>(series.colour) % kPalette.size()];
}

bool standsOnZero(const Series& series)
{
    return series.style == Series::Style::Bars || series.style == Series::Style::Stems;
}

/// The y range of all panels; widened so that nothing lies on the frame and that it is never empty.
Range valueRange(const std::vector<Plot>& panels)
{
    Range range;
    const bool logarithmic = !panels.empty() && panels.front().logY;
    for (const Plot& plot : panels) {
        for (const Series& series : plot.series) {
            for (const double value : series.values)
                if (std::isfinite(value) && (!logarithmic || value > 0))
                    range.include(value);
            if (standsOnZero(series) && !logarithmic)
                range.include(0);
        }
    }
    if (range.low > range.high)
        range = {1, 10};
    if (logarithmic)
        return {range.low / 1.5, range.high * 1.5};
    const double margin =
        range.high > range.low ? (range.high - range.low) * 0.05 : std::abs(range.high) * 0.1 + 0.5;
    return {range.low == 0 ? 0 : range.low - margin, range.high + margin};
}

Range positionRange(const Plot& plot)
{
    std::size_t longest = 1;
    bool standing = false;
    for (const Series& series : plot.series) {
        longest = std::max(longest, series.values.size());
        standing |= standsOnZero(series);
    }
    Range range{plot.firstX, plot.firstX + static_cast<double>(longest) - 1};
    if (standing || longest == 1) {
        // Room for half a bar, and for the first of many thin stems to stand clear of the axis.
        const double margin = std::max(0.5, 0.01 * static_cast<double>(longest));
        range.low -= margin;
        range.high += margin;
    }
    if (plot.logX) // Half a place to the right of a lonely first point still gives a range.
        range = {std::max(range.low, 0.5), std::max(range.high, std::max(range.low, 0.5) + 0.5)};
    return range;
}

/// Draws one panel; x and y are its scales.
class PanelPainter {
public:
    PanelPainter(const Plot& plot, Scale x, Scale y) : m_plot(plot), m_x(x), m_y(y) {}

    std::string paint()
    {
        paintAxes();
        for (std::size_t i = 0; i < m_plot.series.size(); ++i) {
            if (standsOnZero(m_plot.series[i]))
                paintBars(m_plot.series[i]);
            else
                paintLine(m_plot.series[i]);
        }
        paintLegend();
        return m_svg;
    }

private:
    void paintAxes()
    {
        for (const double tick : m_y.ticks()) {
            m_svg += line(m_x.start, m_y.at(tick), m_x.stop, m_y.at(tick), "#e3e3e3");
            m_svg += text(m_x.start - 6, m_y.at(tick) + 4, "end", significant(tick, 4));
        }
        for (const double tick : m_x.ticks()) {
            m_svg += line(m_x.at(tick), m_y.start, m_x.at(tick), m_y.start + 5, "#555555");
            m_svg += text(m_x.at(tick), m_y.start + 18, "middle", significant(tick, 6));
        }
        m_svg += line(m_x.start, m_y.start, m_x.stop, m_y.start, "#555555");
        m_svg += line(m_x.start, m_y.start, m_x.start, m_y.stop, "#555555");
        const double middleX = (m_x.start + m_x.stop) / 2, middleY = (m_y.start + m_y.stop) / 2;
        m_svg += text(middleX, m_y.stop - 14, "middle", m_plot.title, " font-weight=\"bold\"");
        m_svg += text(middleX, m_y.start + 38, "middle", m_plot.xLabel);
        const double labelX = m_x.start - 56;
        m_svg += text(labelX, middleY, "middle", m_plot.yLabel,
                      " transform=\"rotate(-90 " + px(labelX) + " " + px(middleY) + ")\"");
    }

    void paintLine(const Series& series)
    {
        std::string path;
        bool penDown = false;
        for (std::size_t i = 0; i < series.values.size(); ++i) {
            const double x = m_plot.firstX + static_cast<double>(i);
            if (!m_x.takes(x) || !m_y.takes(series.values[i])) {
                penDown = false;
                continue;
            }
            path += (penDown ? "L" : "M") + px(m_x.at(x)) + " " + px(m_y.at(series.values[i]));
            penDown = true;
        }
        const bool dashed = series.style == Series::Style::Dashed;
        m_svg += "<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colourOf(series) +
                 "\" stroke-width=\"1.6\"" + (dashed ? " stroke-dasharray=\"5 4\"" : "") + "/>\n";
    }

    void paintBars(const Series& series)
    {
        const double floor = m_y.logarithmic ? m_y.low : 0;
        const double slot = std::abs(m_x.at(m_plot.firstX + 1) - m_x.at(m_plot.firstX));
        const bool stems = series.style == Series::Style::Stems;
        const double width = stems ? std::max(slot * 0.8, 0.8) : slot * 0.8 / barCount();
        const double shift = stems ? -width / 2 : -slot * 0.4 + width * barIndex(series);
        for (std::size_t i = 0; i < series.values.size(); ++i) {
            if (!m_y.takes(series.values[i]))
                continue;
            const double x = m_x.at(m_plot.firstX + static_cast<double>(i)) + shift;
            const double ends[] = {m_y.at(series.values[i]), m_y.at(floor)};
            m_svg += "<rect x=\"" + fixed(x, 2) + "\" y=\"" + px(std::min(ends[0], ends[1])) + "\" width=\"" +
                     fixed(width, 2) + "\" height=\"" + px(std::abs(ends[1] - ends[0])) + "\" fill=\"" +
                     colourOf(series) + "\"/>\n";
        }
    }

    int barCount() const
    {
        return static_cast<int>(std::count_if(m_plot.series.begin(), m_plot.series.end(),
                                              [](const Series& s) { return s.style == Series::Style::Bars; }));
    }

    int barIndex(const Series& series) const
    {
        int index = 0;
        for (const Series& other : m_plot.series) {
            if (&other == &series)
                break;
            index += other.style == Series::Style::Bars ? 1 : 0;
        }
        return index;
    }

    void paintLegend()
    {
        std::size_t rows = 0, longest = 0;
        for (const Series& series : m_plot.series) {
            rows += series.name.empty() ? 0 : 1;
            longest = std::max(longest, series.name.size());
        }
        if (rows == 0)
            return;
        const double width = static_cast<double>(longest) * kLetterWidth + 56, end = m_x.stop - 8;
        m_svg += "<rect x=\"" + px(m_x.stop - width) + "\" y=\"" + px(m_y.stop + 2) + "\" width=\"" + px(width) +
                 "\" height=\"" + px(static_cast<double>(rows) * kLegendRow + 4) +
                 "\" fill=\"#ffffff\" fill-opacity=\"0.85\"/>\n";
        double y = m_y.stop + 12;
        for (const Series& series : m_plot.series) {
            if (series.name.empty())
                continue;
            m_svg += text(end - 34, y + 4, "end", series.name) + legendMark(series, end, y);
            y += kLegendRow;
        }
    }

    static std::string legendMark(const Series& series, double end, double y)
    {
        return "<line x1=\"" + px(end - 28) + "\" y1=\"" + px(y) + "\" x2=\"" + px(end) + "\" y2=\"" + px(y) +
               "\" stroke=\"" + colourOf(series) + "\" stroke-width=\"" + (standsOnZero(series) ? "9" : "2") +
               "\"" + (series.style == Series::Style::Dashed ? " stroke-dasharray=\"5 4\"" : "") + "/>\n";
    }

    const Plot& m_plot;
    Scale m_x, m_y;
    std::string m_svg;
};

} // namespace

std::string escapeXml(std::string_view content)
{
    std::string escaped;
    for (const char c : content) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default:
            // XML 1.0 has no way to write the other control characters, not even escaped.
            escaped += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
        }
    }
    return escaped;
}

std::vector<double> linearTicks(double low, double high, int count)
{
    if (!(high > low) || !std::isfinite(high - low) || count < 1)
        return {};
    const double rough = (high - low) / count;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= rough * (1 - 1e-9)) {
            step = factor * power;
            break;
        }
    }
    std::vector<double> ticks;
    const auto last = static_cast<std::int64_t>(std::floor(high / step + 1e-9));
    for (auto i = static_cast<std::int64_t>(std::ceil(low / step - 1e-9)); i <= last; ++i)
        ticks.push_back(static_cast<double>(i) * step);
    return ticks;
}

std::vector<double> logTicks(double low, double high)
{
    if (!(low > 0) || !(high >= low) || !std::isfinite(high))
        return {};
    const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
    const int step = std::max(1, (last - first + 7) / 8);
    std::vector<double> ticks;
    for (int exponent = first; exponent <= last; exponent += step)
        ticks.push_back(std::pow(10.0, exponent));
    return ticks;
}

std::string toSvg(const std::vector<Plot>& panels, int panelWidth, int height)
{
    const auto width = static_cast<std::size_t>(panelWidth) * std::max<std::size_t>(panels.size(), 1);
    const std::string size = std::to_string(width) + "\" height=\"" + std::to_string(height);
    std::string label;
    std::string body;
    const Range yRange = valueRange(panels);
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const double left = static_cast<double>(panelWidth) * static_cast<double>(i);
        const Range xRange = positionRange(panels[i]);
        const Scale x{xRange.low, xRange.high, left + kLeft, left + panelWidth - kRight, panels[i].logX};
        const Scale y{yRange.low, yRange.high, height - kBottom, kTop, panels[i].logY};
        body += PanelPainter(panels[i], x, y).paint();
        label += (i == 0 ? "" : "; ") + panels[i].title;
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
           std::to_string(width) + " " + std::to_string(height) + "\" role=\"img\" aria-label=\"" +
           escapeXml(label) + "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n<title>" +
           escapeXml(label) +
           "</title>\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" +
           body + "</svg>\n";
}

} // namespace eigenquant::cli
