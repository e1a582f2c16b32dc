// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/allocate.h"

#include "core/base/error.h"
#include "core/quant/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace eigenquant {
namespace {

struct Sum {
    std::uint64_t bytes = 0;
    double loss = 0;
};

Sum sumOf(const std::vector<AllocationUnit>& units, const std::vector<int>& chosen)
{
    Sum sum;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const AllocationOption& option = units[i].options.at(static_cast<std::size_t>(chosen[i]));
        sum.bytes += option.bytes;
        sum.loss += option.loss;
    }
    return sum;
}

/// Options whose loss falls with their bytes as rounding errors do, some of them poor ones.
std::vector<AllocationUnit> randomUnits(int count, int options, Random& random)
{
    std::vector<AllocationUnit> units(static_cast<std::size_t>(count));
    for (AllocationUnit& unit : units) {
        const double weight = std::exp(2 * random.normal());
        for (int i = 0; i < options; ++i) {
            const std::uint64_t bytes = 20 + random.below(200);
            const double noise = std::exp(0.5 * random.normal());
            unit.options.push_back({bytes, weight * noise * std::exp2(-static_cast<double>(bytes) / 20)});
        }
    }
    return units;
}

/// The least loss within the budget, by trying all choices.
double leastLoss(const std::vector<AllocationUnit>& units, std::size_t unit, std::int64_t budget)
{
    if (budget < 0)
        return std::numeric_limits<double>::infinity();
    if (unit == units.size())
        return 0;
    double least = std::numeric_limits<double>::infinity();
    for (const AllocationOption& option : units[unit].options) {
        const auto rest = budget - static_cast<std::int64_t>(option.bytes);
        least = std::min(least, option.loss + leastLoss(units, unit + 1, rest));
    }
    return least;
}

/// No step of one unit that still fits would win anything.
bool isFull(const std::vector<AllocationUnit>& units, const std::vector<int>& chosen, std::uint64_t budget)
{
    const std::uint64_t room = budget - sumOf(units, chosen).bytes;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const AllocationOption& now = units[i].options[static_cast<std::size_t>(chosen[i])];
        for (const AllocationOption& other : units[i].options)
            if (other.loss < now.loss && other.bytes <= now.bytes + room)
                return false;
    }
    return true;
}

TEST(Allocate, IsTheBestChoiceWithinTheLastStep)
{
    Random random(3);
    int exact = 0, trials = 0;
    for (int round = 0; round < 20; ++round) {
        const auto units = randomUnits(5, 6, random);
        const AllocationRange range = allocationRange(units);
        double lossBefore = std::numeric_limits<double>::infinity();
        for (std::uint64_t budget = range.least; budget <= range.most + 20; budget += 17) {
            const auto chosen = allocate(units, budget, 1000);
            const Sum sum = sumOf(units, chosen);
            const double least = leastLoss(units, 0, static_cast<std::int64_t>(budget));
            double largestWin = 0; // of one step from the hull: no step that did not fit wins more
            for (const AllocationUnit& unit : units)
                for (const AllocationOption& option : unit.options)
                    largestWin = std::max(largestWin, option.loss);
            EXPECT_LE(sum.bytes, budget);
            EXPECT_GE(sum.loss, least - 1e-12);
            EXPECT_LT(sum.loss - least, largestWin);
            EXPECT_LE(sum.loss, lossBefore + 1e-12) << "a larger budget, and a larger loss";
            EXPECT_TRUE(isFull(units, chosen, budget));
            lossBefore = sum.loss;
            exact += sum.loss < least * (1 + 1e-9);
            ++trials;
        }
        EXPECT_EQ(sumOf(units, allocate(units, range.most, 1000)).loss, lossBefore);
    }
    EXPECT_GT(exact, trials / 2);
}

TEST(Allocate, IsExactWhereTheBudgetEndsOnTheHull)
{
    Random random(4);
    for (int round = 0; round < 20; ++round) {
        const auto units = randomUnits(5, 6, random);
        for (std::uint64_t budget = allocationRange(units).least; budget < 900; budget += 31) {
            // The loss plus slope times bytes has its least value on the hull: at that many bytes none is better.
            const double slope = std::exp2(-static_cast<double>(budget) / 60);
            std::uint64_t bytes = 0;
            double loss = 0;
            for (const AllocationUnit& unit : units) {
                const auto cost = [slope](const AllocationOption& option) {
                    return option.loss + slope * static_cast<double>(option.bytes);
                };
                const auto best = *std::min_element(unit.options.begin(), unit.options.end(),
                                                    [&](const auto& a, const auto& b) { return cost(a) < cost(b); });
                bytes += best.bytes;
                loss += best.loss;
            }
            EXPECT_NEAR(sumOf(units, allocate(units, bytes, 1000)).loss, loss, 1e-12);
        }
    }
}

TEST(Allocate, FillsTheRoomWithOptionsThatAreNotOnTheHull)
{
    // The hull goes from 10 to 30 bytes at once; a budget of 25 still buys the option between.
    const std::vector<AllocationUnit> units{{{{10, 8.0}, {20, 7.0}, {30, 0.0}}}};
    EXPECT_EQ(allocate(units, 30, 8), std::vector<int>{2});
    EXPECT_EQ(allocate(units, 25, 8), std::vector<int>{1});
    EXPECT_EQ(allocate(units, 19, 8), std::vector<int>{0});
}

TEST(Allocate, SettlesTiesByOrder)
{
    const AllocationUnit unit{{{10, 4.0}, {20, 2.0}, {20, 2.0}, {30, 0.0}}};
    EXPECT_EQ(allocate({unit, unit, unit}, 50, 8), (std::vector<int>{3, 0, 0}));
    EXPECT_EQ(allocate({unit, unit, unit}, 40, 8), (std::vector<int>{1, 0, 0}));
    EXPECT_EQ(allocate({{{{10, 1.0}, {10, 0.5}, {10, 0.5}}}}, 10, 8), std::vector<int>{1});
}

TEST(Allocate, NamesTheLeastAndTheMostThatABudgetCanBe)
{
    const std::vector<AllocationUnit> units{{{{20, 2.0}, {40, 1.0}, {90, 1.0}}}, {{{30, 2.0}, {60, 1.0}}}};
    EXPECT_EQ(allocationRange(units).least, 50u);
    EXPECT_EQ(allocationRange(units).most, 100u);
    try {
        allocate(units, 49, 100);
        FAIL() << "took an impossible budget";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Usage);
        EXPECT_EQ(error.found(), "3.920 bits a weight");
        EXPECT_NE(error.expected().find("4.000 bits a weight at least; 8.000"), std::string::npos) << error.what();
    }
}

TEST(Allocate, RefusesALossThatIsNotFinite)
{
    EXPECT_THROW(allocate({{{{20, std::nan("")}}}}, 100, 8), Error);
    EXPECT_THROW(allocate({{{}}}, 100, 8), Error);
}

TEST(Allocate, TakesMillisecondsForThousandsOfUnits)
{
    Random random(5);
    const auto units = randomUnits(10'000, 60, random);
    const AllocationRange range = allocationRange(units);
    double best = 1e9; // of some runs: the machine may be busy
    for (int run = 0; run < 5; ++run) {
        const auto start = std::chrono::steady_clock::now();
        const auto chosen = allocate(units, (range.least + range.most) / 2, 1'000'000);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        EXPECT_LE(sumOf(units, chosen).bytes, (range.least + range.most) / 2);
    }
    RecordProperty("milliseconds", static_cast<int>(best * 1000));
    EXPECT_LT(best, 1.0); // far above what it takes: a busy machine is no failure, a quadratic algorithm is one
}

} // namespace
} // namespace eigenquant
