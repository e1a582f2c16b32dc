// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Small plots as SVG text. The same input always gives the same bytes.
namespace eigenquant::cli {

/// One curve or one set of bars.
struct Series {
    enum class Style {
        Solid,  ///< a line
        Dashed, ///< a line of dashes
        Stems,  ///< a thin vertical line from the axis to each point
        Bars,   ///< wide bars, side by side with the other series' bars
    };
    std::string name;           ///< for the legend; empty: not in it
    std::vector<double> values; ///< y of x = firstX, firstX + 1, …; what is not finite leaves a gap
    Style style = Style::Solid;
    int colour = 0; ///< index into a palette of colours that colour-blind people can tell apart
};

/// Axes with their series.
struct Plot {
    std::string title, xLabel, yLabel;
    bool logX = false; ///< values at or below 0 leave a gap on a log axis
    bool logY = false;
    double firstX = 0;
    std::vector<Series> series;
};

/// Text as it may stand in XML: markup characters escaped, control characters that XML does not know
/// replaced.
std::string escapeXml(std::string_view text);

/// Where ticks go on a linear axis: about `count` round numbers inside [low, high].
std::vector<double> linearTicks(double low, double high, int count);
/// The powers of ten inside [low, high], thinned to at most about 8; both ends are above 0.
std::vector<double> logTicks(double low, double high);

/// One plot, or several side by side on a common y range, as a whole SVG document on a light ground.
std::string toSvg(const std::vector<Plot>& panels, int panelWidth = 640, int height = 400);

} // namespace eigenquant::cli
