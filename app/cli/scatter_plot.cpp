// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/scatter_plot.h"

#include "app/cli/svg_plot.h"
#include "app/cli/text_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>

namespace eigenquant::cli {

namespace {

constexpr double kLeft = 76, kTop = 42, kBottom = 56, kRight = 176; // margins round the axes; the legend is right
constexpr double kLetterWidth = 6.2, kLetterHeight = 12;            // of the 11 pixel font, on average
constexpr double kMarker = 5;
constexpr int kLooks = 8;

// What is drawn, by class: colours for light grounds as attributes, which every viewer understands, and for dark
// grounds as a style sheet. Those of the markers are after Okabe and Ito.
struct Ink {
    std::string_view kind, attribute, light, dark;
};
constexpr std::array kInks{
    Ink{"ground", "fill", "#ffffff", "#1b1d20"},  Ink{"ink", "fill", "#222222", "#e8e8e8"},
    Ink{"soft", "fill", "#5a5a5a", "#a8a8a8"},    Ink{"grid", "stroke", "#e3e3e3", "#303338"},
    Ink{"axis", "stroke", "#555555", "#a0a0a0"},  Ink{"front", "stroke", "#8a8a8a", "#8a8a8a"},
    Ink{"look0", "stroke", "#0072b2", "#4aa8e0"}, Ink{"look1", "stroke", "#d55e00", "#ff8a3d"},
    Ink{"look2", "stroke", "#009e73", "#2ec99b"}, Ink{"look3", "stroke", "#b3578f", "#e59ccb"},
    Ink{"look4", "stroke", "#b37a00", "#f0b93a"}, Ink{"look5", "stroke", "#3b8fc4", "#8ccaf2"},
    Ink{"look6", "stroke", "#6b6b6b", "#bdbdbd"}, Ink{"look7", "stroke", "#8c510a", "#d6a06a"}};

/// class="ink" fill="#222222"
std::string inked(std::string_view kind)
{
    const auto ink =
        std::find_if(kInks.begin(), kInks.end(), [&](const Ink& known) { return known.kind == kind; });
    return "class=\"" + std::string(kind) + "\" " + std::string(ink->attribute) + "=\"" + std::string(ink->light) +
           "\"";
}

std::string darkStyle()
{
    std::string style = "@media (prefers-color-scheme: dark) {\n";
    for (const Ink& ink : kInks)
        style += "  svg ." + std::string(ink.kind) + " { " + std::string(ink.attribute) + ": " +
                 std::string(ink.dark) + "; }\n";
    return style + "}\n";
}

struct Box {
    double left, top, right, bottom;
};

/// Square pixels, ten times over, that a label may cover of others: a corner that nobody reads.
constexpr double kCoveredAtMost = 300;

double overlap(const Box& a, const Box& b)
{
    const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
    const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    return width > 0 && height > 0 ? width * height : 0;
}

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void include(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

std::string px(double value)
{
    return fixed(value, 1);
}

std::string text(double x, double y, std::string_view anchor, std::string_view kind, std::string_view content,
                 std::string_view extra = {})
{
    return "<text " + inked(kind) + " x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\"" +
           std::string(anchor) + "\"" + std::string(extra) + ">" + escapeXml(content) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view kind, std::string_view extra = {})
{
    return "<line " + inked(kind) + " x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" +
           px(y2) + "\"" + std::string(extra) + "/>\n";
}

bool isDrawn(const ScatterPoint& point)
{
    return std::isfinite(point.x) && std::isfinite(point.y);
}

/// 1, 2 and 5 times the powers of ten; where these are few, round steps.
std::vector<double> fineLogTicks(double low, double high)
{
    std::vector<double> ticks;
    for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10)
        for (const double factor : {1.0, 2.0, 5.0})
            if (factor * power >= low && factor * power <= high)
                ticks.push_back(factor * power);
    if (ticks.size() < 3)
        return linearTicks(low, high, 6);
    return ticks.size() <= 12 ? ticks : logTicks(low, high);
}

std::string lookName(std::size_t look)
{
    return "look" + std::to_string(look % kLooks);
}

/// A marker whose strokes tell it from the others without colour.
std::string marker(double x, double y, std::size_t look)
{
    const double s = kMarker;
    const auto path = [&](std::initializer_list<std::array<double, 2>> corners, bool closed) {
        std::string d;
        for (const auto& [dx, dy] : corners)
            d += (d.empty() ? "M" : "L") + px(x + dx * s) + " " + px(y + dy * s);
        return "d=\"" + d + (closed ? "Z" : "") + "\"";
    };
    const std::string kind = " " + inked(lookName(look)) + " stroke-width=\"2\" fill=\"none\"/>\n";
    switch (look % kLooks) {
    case 0:
        return "<circle cx=\"" + px(x) + "\" cy=\"" + px(y) + "\" r=\"" + px(s) + "\"" + kind;
    case 1:
        return "<path " + path({{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}, true) + kind;
    case 2:
        return "<path " + path({{0, -1.2}, {1.1, 0.9}, {-1.1, 0.9}}, true) + kind;
    case 3:
        return "<path " + path({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}}, true) + kind;
    case 4:
        return "<path " + path({{0, 1.2}, {1.1, -0.9}, {-1.1, -0.9}}, true) + kind;
    case 5:
        return "<path d=\"M" + px(x - s) + " " + px(y - s) + "L" + px(x + s) + " " + px(y + s) + "M" + px(x - s) +
               " " + px(y + s) + "L" + px(x + s) + " " + px(y - s) + "\"" + kind;
    case 6:
        return "<path d=\"M" + px(x - s) + " " + px(y) + "L" + px(x + s) + " " + px(y) + "M" + px(x) + " " +
               px(y - s) + "L" + px(x) + " " + px(y + s) + "\"" + kind;
    default:
        return "<path " + path({{-1.2, 0}, {-0.6, -1.1}, {0.6, -1.1}, {1.2, 0}, {0.6, 1.1}, {-0.6, 1.1}}, true) +
               kind;
    }
}

/// Draws one plot into its part of the page.
class ScatterPainter {
public:
    ScatterPainter(const ScatterPlot& plot, const std::vector<std::string>& categories, double top, double width,
                   double height)
        : m_plot(plot), m_categories(categories), m_left(kLeft), m_right(width - kRight), m_top(top + kTop),
          m_bottom(top + height - kBottom)
    {
        chooseRanges();
    }

    std::string paint()
    {
        paintAxes();
        paintReference();
        paintFront();
        for (const ScatterPoint& point : m_plot.points)
            if (isDrawn(point))
                paintPoint(point);
        paintLabels();
        paintLegend();
        return m_svg;
    }

private:
    void chooseRanges()
    {
        Range x, y;
        for (const ScatterPoint& point : m_plot.points) {
            if (!isDrawn(point))
                continue;
            x.include(point.x);
            y.include(point.y);
        }
        if (x.low > x.high) {
            x = {1, 2};
            y = {1, 2};
        }
        if (m_plot.reference > 0)
            y.include(m_plot.reference);
        m_logarithmic = y.low > 0 && y.high > 3 * y.low;
        const double xMargin = std::max(0.06 * (x.high - x.low), 0.1);
        m_x = {x.low - xMargin, x.high + xMargin};
        const double yMargin = std::max(0.06 * (y.high - y.low), 0.005 * std::abs(y.high));
        m_y = m_logarithmic ? Range{y.low / 1.08, y.high * 1.15} : Range{y.low - yMargin, y.high + yMargin};
        if (!(m_y.high > m_y.low))
            m_y.high = m_y.low + 1;
    }

    double atX(double x) const { return m_left + (m_right - m_left) * (x - m_x.low) / (m_x.high - m_x.low); }
    double atY(double y) const
    {
        const double clamped = std::clamp(y, m_y.low, m_y.high); // error bars may leave the frame
        const double share = m_logarithmic ? std::log(clamped / m_y.low) / std::log(m_y.high / m_y.low)
                                           : (clamped - m_y.low) / (m_y.high - m_y.low);
        return m_bottom + (m_top - m_bottom) * share;
    }

    std::size_t lookOf(const std::string& category) const
    {
        return static_cast<std::size_t>(std::find(m_categories.begin(), m_categories.end(), category) -
                                        m_categories.begin());
    }

    void paintAxes()
    {
        for (const double tick :
             m_logarithmic ? fineLogTicks(m_y.low, m_y.high) : linearTicks(m_y.low, m_y.high, 7)) {
            m_svg += line(m_left, atY(tick), m_right, atY(tick), "grid");
            m_svg += text(m_left - 7, atY(tick) + 4, "end", "soft", significant(tick, 5));
        }
        for (const double tick : linearTicks(m_x.low, m_x.high, 9)) {
            m_svg += line(atX(tick), m_bottom, atX(tick), m_bottom + 5, "axis");
            m_svg += text(atX(tick), m_bottom + 19, "middle", "soft", significant(tick, 4));
        }
        m_svg += line(m_left, m_bottom, m_right, m_bottom, "axis") + line(m_left, m_bottom, m_left, m_top, "axis");
        const double middleX = (m_left + m_right) / 2, middleY = (m_top + m_bottom) / 2, labelX = m_left - 58;
        m_svg +=
            text(middleX, m_top - 18, "middle", "ink", m_plot.title, " font-weight=\"bold\" font-size=\"13\"");
        m_svg += text(middleX, m_bottom + 42, "middle", "ink", m_plot.xLabel);
        m_svg += text(labelX, middleY, "middle", "ink", m_plot.yLabel + (m_logarithmic ? " (logarithmic)" : ""),
                      " transform=\"rotate(-90 " + px(labelX) + " " + px(middleY) + ")\"");
    }

    void paintReference()
    {
        if (!(m_plot.reference > 0))
            return;
        const double y = atY(m_plot.reference);
        m_svg += line(m_left, y, m_right, y, "axis", " stroke-dasharray=\"6 4\"");
        m_svg += text(m_right + 6, y + 4, "start", "soft", m_plot.referenceLabel);
    }

    void paintFront()
    {
        std::string path;
        for (const ScatterPoint& point : paretoFront(m_plot.points))
            path += (path.empty() ? "M" : "L") + px(atX(point.x)) + " " + px(atY(point.y));
        if (!path.empty())
            m_svg += "<path " + inked("front") + " fill=\"none\" d=\"" + path + "\" stroke-width=\"1.4\"/>\n";
    }

    void paintPoint(const ScatterPoint& point)
    {
        const double x = atX(point.x), y = atY(point.y);
        const std::size_t look = lookOf(point.category);
        const std::string kind = lookName(look);
        if (std::isfinite(point.error) && point.error > 0) {
            const double ends[] = {atY(point.y - point.error), atY(point.y + point.error)};
            m_svg += line(x, ends[0], x, ends[1], kind, " opacity=\"0.6\"");
            for (const double end : ends)
                m_svg += line(x - 3, end, x + 3, end, kind, " opacity=\"0.6\"");
        }
        m_svg += "<g>" + marker(x, y, look) + "<title>" + escapeXml(point.label) + "</title></g>\n";
        m_taken.push_back({x - kMarker, y - kMarker, x + kMarker, y + kMarker});
    }

    /// Points of the Pareto front are named first. A label for which there is no room is left out: markers name their
    /// points when they are pointed at, and the table beside the plot has all of them.
    void paintLabels()
    {
        std::vector<ScatterPoint> points = paretoFront(m_plot.points);
        const auto isNamed = [&points, front = points.size()](const ScatterPoint& point) {
            return std::any_of(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(front),
                               [&point](const ScatterPoint& other) { return other.label == point.label; });
        };
        std::vector<ScatterPoint> others;
        std::copy_if(m_plot.points.begin(), m_plot.points.end(), std::back_inserter(others),
                     [&isNamed](const ScatterPoint& point) { return !isNamed(point); });
        points.insert(points.end(), others.begin(), others.end());
        for (const ScatterPoint& point : points)
            if (isDrawn(point))
                paintLabel(point);
    }

    /// Where it covers least of what is there, from a fixed list of places round its point.
    void paintLabel(const ScatterPoint& point)
    {
        const double width = static_cast<double>(point.label.size()) * kLetterWidth;
        const double x = atX(point.x), y = atY(point.y);
        double best = std::numeric_limits<double>::infinity();
        Box place{};
        for (const double dy : {0.0, -12.0, 12.0, -24.0, 24.0, -36.0, 36.0}) {
            for (const double left : {x + 9, x - 9 - width, x - width / 2}) {
                if (left == x - width / 2 && dy == 0)
                    continue; // on the marker
                const double top = y + dy - kLetterHeight / 2;
                const Box box{left, top, left + width, top + kLetterHeight};
                const double cost = covered(box) + std::abs(dy) + (left < x ? 4 : 0);
                if (cost < best) {
                    best = cost;
                    place = box;
                }
            }
        }
        if (covered(place) > kCoveredAtMost)
            return;
        m_taken.push_back(place);
        m_svg += text(place.left, place.bottom - 2, "start", "ink", point.label, " font-size=\"11\"");
    }

    double covered(const Box& box) const
    {
        const double outside = std::max(0.0, m_left - box.left) + std::max(0.0, box.right - m_right - kRight) +
                               std::max(0.0, m_top - box.top) + std::max(0.0, box.bottom - m_bottom);
        double area = 100 * outside;
        for (const Box& other : m_taken)
            area += 10 * overlap(box, other);
        return area;
    }

    void paintLegend()
    {
        double y = m_top + 4;
        for (std::size_t look = 0; look < m_categories.size(); ++look, y += 18) {
            m_svg += marker(m_right + kRight - 84, y, look);
            m_svg += text(m_right + kRight - 72, y + 4, "start", "ink", m_categories[look]);
        }
        m_svg += line(m_right + kRight - 92, y, m_right + kRight - 76, y, "front", " stroke-width=\"1.4\"");
        m_svg += text(m_right + kRight - 72, y + 4, "start", "ink", "Pareto front");
    }

    const ScatterPlot& m_plot;
    const std::vector<std::string>& m_categories;
    double m_left, m_right, m_top, m_bottom;
    Range m_x, m_y;
    bool m_logarithmic = false;
    std::vector<Box> m_taken;
    std::string m_svg;
};

} // namespace

std::vector<ScatterPoint> paretoFront(const std::vector<ScatterPoint>& points)
{
    std::vector<ScatterPoint> sorted;
    std::copy_if(points.begin(), points.end(), std::back_inserter(sorted), isDrawn);
    std::stable_sort(sorted.begin(), sorted.end(), [](const ScatterPoint& a, const ScatterPoint& b) {
        return a.x != b.x ? a.x < b.x : a.y < b.y;
    });
    std::vector<ScatterPoint> front;
    for (const ScatterPoint& point : sorted)
        if (front.empty() || point.y < front.back().y)
            front.push_back(point);
    return front;
}

std::string scatterSvg(const std::vector<ScatterPlot>& plots, const std::string& description, int width,
                       int height)
{
    std::vector<std::string> categories;
    for (const ScatterPlot& plot : plots)
        for (const ScatterPoint& point : plot.points)
            if (std::find(categories.begin(), categories.end(), point.category) == categories.end())
                categories.push_back(point.category);
    std::string body, label;
    for (std::size_t i = 0; i < plots.size(); ++i) {
        body += ScatterPainter(plots[i], categories, static_cast<double>(height) * static_cast<double>(i), width,
                               height)
                    .paint();
        label += (i == 0 ? "" : "; ") + plots[i].title;
    }
    const std::string size = std::to_string(width) + " " + std::to_string(height * static_cast<int>(plots.size()));
    const std::size_t blank = size.find(' ');
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size.substr(0, blank) + "\" height=\"" +
           size.substr(blank + 1) + "\" viewBox=\"0 0 " + size + "\" role=\"img\" aria-label=\"" +
           escapeXml(label) + "\" font-family=\"sans-serif\" font-size=\"12\">\n<title>" + escapeXml(label) +
           "</title>\n<desc>" + escapeXml(description) + "</desc>\n<style>" + darkStyle() + "</style>\n<rect " +
           inked("ground") + " width=\"100%\" height=\"100%\"/>\n" + body + "</svg>\n";
}

} // namespace eigenquant::cli
