// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

/// Points with names on two axes as SVG text, light or dark as the reader's system is. The same input always gives
/// the same bytes.
namespace eigenquant::cli {

/// One point with its name beside it.
struct ScatterPoint {
    std::string label;
    double x = 0, y = 0;
    double error = 0;     ///< half the length of the error bar; none where it is not finite
    std::string category; ///< points of a category share marker and colour, and a line of the legend
};

/// One pair of axes. What is not finite is left out.
struct ScatterPlot {
    std::string title, xLabel, yLabel;
    std::vector<ScatterPoint> points;
    double reference = 0;       ///< y of a horizontal line; none if it is not above 0
    std::string referenceLabel;
};

/// The points that no other point beats in both x and y (less is better), by rising x.
std::vector<ScatterPoint> paretoFront(const std::vector<ScatterPoint>& points);

/// The plots below each other. Categories have the same marker and colour in all of them. y is logarithmic where
/// the largest is more than three times the least. `description` is for those who do not see the picture.
std::string scatterSvg(const std::vector<ScatterPlot>& plots, const std::string& description, int width = 860,
                       int height = 520);

} // namespace eigenquant::cli
