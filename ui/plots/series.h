// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>
#include <vector>

/// Arithmetic on the numbers behind a plot. All of it takes whatever a file may hold: none, all equal,
/// negative, infinite or NaN.
namespace eigenquant::series {

/// A copy with values that are negative or not finite taken as 0, sorted by falling value.
std::vector<double> descending(const std::vector<double>& values);
/// sqrt of each value; 0 where a value is negative or not finite.
std::vector<double> rootMeanSquare(const std::vector<double>& values);
/// Running sum divided by the whole; all 0 where the whole is 0.
std::vector<double> cumulativeShare(const std::vector<double>& falling);
/// Positions of the `count` largest finite values, by falling value; a tie goes to the smaller position.
std::vector<int> topIndices(const std::vector<double>& values, int count);
/// Of the values that are positive and finite.
double sum(const std::vector<double>& values);
double median(std::vector<double> values);

/// The range of positive values of several series, for a logarithmic axis: at most `decades` wide and
/// never empty. {1e-1, 1e1} if there is none.
std::pair<double, double> logRange(const std::vector<const std::vector<double>*>& series, double decades = 10);
/// {0, largest} over several series; {0, 1} if there is none.
std::pair<double, double> linearRange(const std::vector<const std::vector<double>*>& series);

} // namespace eigenquant::series
