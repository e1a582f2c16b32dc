// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/allocate.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <numeric>
#include <queue>
#include <string>

namespace eigenquant {
namespace {

/// From what a unit has to one of its larger options.
struct Step {
    double winPerByte = 0;
    int unit = 0;
    int option = -1; ///< -1: no step that fits wins anything
    std::uint64_t bytes = 0;

    /// Better steps first; of equal ones those of the first unit, and of these the shorter.
    bool operator<(const Step& other) const
    {
        if (winPerByte != other.winPerByte)
            return winPerByte > other.winPerByte;
        return unit != other.unit ? unit < other.unit : bytes < other.bytes;
    }
};

void requireSound(const std::vector<AllocationUnit>& units)
{
    for (const AllocationUnit& unit : units) {
        if (unit.options.empty())
            throw Error::internal("a unit of the allocation has no options");
        for (const AllocationOption& option : unit.options)
            if (!std::isfinite(option.loss))
                throw Error::invalid("an expected loss is not finite").found(std::to_string(option.loss));
    }
}

/// The first of the options that none is `better` than.
template <typename Better>
int bestOption(const AllocationUnit& unit, const Better& better)
{
    return static_cast<int>(std::min_element(unit.options.begin(), unit.options.end(), better) - unit.options.begin());
}

int smallest(const AllocationUnit& unit)
{
    return bestOption(unit, [](const AllocationOption& a, const AllocationOption& b) {
        return a.bytes != b.bytes ? a.bytes < b.bytes : a.loss < b.loss;
    });
}

int mostExact(const AllocationUnit& unit)
{
    return bestOption(unit, [](const AllocationOption& a, const AllocationOption& b) {
        return a.loss != b.loss ? a.loss < b.loss : a.bytes < b.bytes;
    });
}

double winPerByte(const AllocationOption& from, const AllocationOption& to)
{
    return (from.loss - to.loss) / static_cast<double>(to.bytes - from.bytes);
}

const AllocationOption& at(const AllocationUnit& unit, int option)
{
    return unit.options[static_cast<std::size_t>(option)];
}

/// The corners of the lower convex hull of loss over bytes, by rising bytes, down to the least loss. Points on its
/// straight pieces count: short steps leave more to choose from.
void findHull(const AllocationUnit& unit, std::vector<int>& order, std::vector<int>& hull)
{
    order.resize(unit.options.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&unit](int left, int right) {
        const AllocationOption &a = at(unit, left), &b = at(unit, right);
        if (a.bytes != b.bytes)
            return a.bytes < b.bytes;
        return a.loss != b.loss ? a.loss < b.loss : left < right;
    });
    hull.assign(1, order.front());
    for (const int next : order) {
        const AllocationOption& to = at(unit, next);
        if (to.loss >= at(unit, hull.back()).loss)
            continue;
        while (hull.size() > 1) {
            const AllocationOption &before = at(unit, hull[hull.size() - 2]), &last = at(unit, hull.back());
            if (winPerByte(before, last) >= winPerByte(before, to))
                break;
            hull.pop_back();
        }
        hull.push_back(next);
    }
}

/// All steps along the units' hulls, the best first.
std::vector<Step> hullSteps(const std::vector<AllocationUnit>& units)
{
    std::vector<Step> steps;
    std::vector<int> order, hull;
    for (std::size_t index = 0; index < units.size(); ++index) {
        findHull(units[index], order, hull);
        double slope = std::numeric_limits<double>::infinity();
        for (std::size_t i = 1; i < hull.size(); ++i) {
            const AllocationOption &from = at(units[index], hull[i - 1]), &to = at(units[index], hull[i]);
            slope = std::min(slope, winPerByte(from, to)); // on a straight piece rounding might turn the order
            steps.push_back({slope, static_cast<int>(index), hull[i], to.bytes - from.bytes});
        }
    }
    // Stable, so that steps of one straight piece are taken one after the other.
    std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
        return a.winPerByte != b.winPerByte ? a.winPerByte > b.winPerByte : a.unit < b.unit;
    });
    return steps;
}

/// The step that wins most loss a byte among those of a unit that fit.
Step bestFittingStep(const AllocationUnit& unit, int index, int current, std::uint64_t room)
{
    const AllocationOption& from = at(unit, current);
    Step best{0, index, -1, 0};
    for (int option = 0; option < static_cast<int>(unit.options.size()); ++option) {
        const AllocationOption& to = at(unit, option);
        if (to.bytes <= from.bytes || to.bytes - from.bytes > room || to.loss >= from.loss)
            continue;
        if (const Step step{winPerByte(from, to), index, option, to.bytes - from.bytes}; step < best)
            best = step;
    }
    return best;
}

/// Goes on with the best step that still fits, on a hull or not, until there is none.
void fill(const std::vector<AllocationUnit>& units, std::uint64_t room, std::vector<int>& chosen)
{
    const auto worse = [](const Step& a, const Step& b) { return b < a; };
    std::priority_queue<Step, std::vector<Step>, decltype(worse)> steps(worse);
    const auto offer = [&](int unit) {
        const auto index = static_cast<std::size_t>(unit);
        if (const Step step = bestFittingStep(units[index], unit, chosen[index], room); step.option >= 0)
            steps.push(step);
    };
    for (int unit = 0; unit < static_cast<int>(units.size()); ++unit)
        offer(unit);
    while (!steps.empty()) {
        const Step step = steps.top();
        steps.pop();
        // A step that was offered when there was more room gives way to the unit's next best.
        if (step.bytes <= room) {
            chosen[static_cast<std::size_t>(step.unit)] = step.option;
            room -= step.bytes;
        }
        offer(step.unit);
    }
}

std::string bitsText(std::uint64_t bytes, std::uint64_t weights)
{
    std::string text(64, '\0');
    const double bits = 8.0 * static_cast<double>(bytes) / static_cast<double>(std::max<std::uint64_t>(weights, 1));
    text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.3f bits a weight", bits)));
    return text;
}

[[noreturn]] void refuse(std::uint64_t budgetBytes, const AllocationRange& range, std::uint64_t weights)
{
    throw Error::usage("the budget is below the smallest choice")
        .found(bitsText(budgetBytes, weights))
        .expected(bitsText(range.least, weights) + " at least; " + bitsText(range.most, weights) +
                  " are the most that any choice can use");
}

} // namespace

AllocationRange allocationRange(const std::vector<AllocationUnit>& units)
{
    requireSound(units);
    AllocationRange range;
    for (const AllocationUnit& unit : units) {
        range.least += unit.options[static_cast<std::size_t>(smallest(unit))].bytes;
        range.most += unit.options[static_cast<std::size_t>(mostExact(unit))].bytes;
    }
    return range;
}

std::vector<int> allocate(const std::vector<AllocationUnit>& units, std::uint64_t budgetBytes, std::uint64_t weights)
{
    const AllocationRange range = allocationRange(units);
    if (budgetBytes < range.least)
        refuse(budgetBytes, range, weights);
    std::uint64_t room = budgetBytes - range.least;
    std::vector<int> chosen;
    std::transform(units.begin(), units.end(), std::back_inserter(chosen), smallest);
    for (const Step& step : hullSteps(units)) {
        if (step.bytes > room)
            break;
        chosen[static_cast<std::size_t>(step.unit)] = step.option;
        room -= step.bytes;
    }
    fill(units, room, chosen);
    return chosen;
}

} // namespace eigenquant
