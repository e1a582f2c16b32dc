// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/series.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace eigenquant::series {

namespace {

double clean(double value)
{
    return std::isfinite(value) && value > 0 ? value : 0;
}

} // namespace

std::vector<double> descending(const std::vector<double>& values)
{
    std::vector<double> result(values.size());
    std::transform(values.begin(), values.end(), result.begin(), clean);
    std::sort(result.begin(), result.end(), std::greater<>());
    return result;
}

std::vector<double> rootMeanSquare(const std::vector<double>& values)
{
    std::vector<double> result(values.size());
    std::transform(values.begin(), values.end(), result.begin(), [](double v) { return std::sqrt(clean(v)); });
    return result;
}

std::vector<double> cumulativeShare(const std::vector<double>& falling)
{
    std::vector<double> result(falling.size());
    const double whole = sum(falling);
    double running = 0;
    for (std::size_t i = 0; i < falling.size(); ++i) {
        running += clean(falling[i]);
        result[i] = whole > 0 ? running / whole : 0;
    }
    return result;
}

std::vector<int> topIndices(const std::vector<double>& values, int count)
{
    std::vector<int> order;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (std::isfinite(values[i]))
            order.push_back(int(i));
    const auto wanted = std::min<std::size_t>(order.size(), std::size_t(std::max(0, count)));
    const auto larger = [&](int a, int b) {
        const double left = values[std::size_t(a)];
        const double right = values[std::size_t(b)];
        return left != right ? left > right : a < b;
    };
    std::partial_sort(order.begin(), order.begin() + std::ptrdiff_t(wanted), order.end(), larger);
    order.resize(wanted);
    return order;
}

double sum(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0, [](double total, double v) { return total + clean(v); });
}

double median(std::vector<double> values)
{
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    if (values.empty())
        return 0;
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::pair<double, double> logRange(const std::vector<const std::vector<double>*>& series, double decades)
{
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for (const auto* values : series) {
        for (const double value : *values) {
            if (clean(value) == 0)
                continue;
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (high == 0)
        return {0.1, 10};
    low = std::max(low, high * std::pow(10, -decades));
    // A little room on both sides, and a range even where all values are equal.
    return {low / 1.5, high * 1.8};
}

std::pair<double, double> linearRange(const std::vector<const std::vector<double>*>& series)
{
    double high = 0;
    for (const auto* values : series)
        for (const double value : *values)
            high = std::max(high, clean(value));
    return {0, high > 0 ? high * 1.08 : 1};
}

} // namespace eigenquant::series
