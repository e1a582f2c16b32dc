// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/kmeans_1d.h"

#include "core/quant/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace eigenquant {
namespace {

double errorOf(const std::vector<float>& values, std::size_t begin, std::size_t end)
{
    double sum = 0, squares = 0;
    for (std::size_t i = begin; i < end; ++i)
        sum += values[i];
    for (std::size_t i = begin; i < end; ++i)
        squares += std::pow(values[i] - sum / static_cast<double>(end - begin), 2);
    return squares;
}

/// The least error of k runs of the values from `begin` on, by trying all of them.
double bruteForce(const std::vector<float>& values, std::size_t begin, int k)
{
    if (k == 1)
        return errorOf(values, begin, values.size());
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t end = begin + 1; end + static_cast<std::size_t>(k) <= values.size() + 1; ++end)
        least = std::min(least, errorOf(values, begin, end) + bruteForce(values, end, k - 1));
    return least;
}

/// Σ of the squared distances to the nearest centroid.
double errorTo(const std::vector<float>& values, const std::vector<double>& centroids)
{
    double sum = 0;
    for (const double value : values) {
        double nearest = std::numeric_limits<double>::infinity();
        for (const double centroid : centroids)
            nearest = std::min(nearest, std::pow(value - centroid, 2));
        sum += nearest;
    }
    return sum;
}

enum class Shape { Normal, Laplace, HeavyTailed, TwoHeaps, Repeating };

std::vector<float> drawn(Shape shape, int count, Random& random)
{
    std::vector<float> values;
    for (int i = 0; i < count; ++i) {
        double value = random.normal();
        switch (shape) {
        case Shape::Normal:
            break;
        case Shape::Laplace:
            value = std::log(random.uniform()) * (value < 0 ? 1 : -1);
            break;
        case Shape::HeavyTailed: // Student's, two degrees of freedom
            value /= std::sqrt((std::pow(random.normal(), 2) + std::pow(random.normal(), 2)) / 2);
            break;
        case Shape::TwoHeaps:
            value = random.uniform() < 0.97 ? value * 0.1 : value * 5 + 3;
            break;
        case Shape::Repeating:
            value = std::round(value * 20) / 20;
            break;
        }
        values.push_back(static_cast<float>(value));
    }
    std::sort(values.begin(), values.end());
    return values;
}

TEST(LineKmeans, NoSplitOfAFewValuesIsBetter)
{
    Random random(1);
    LineKmeans kmeans;
    for (const Shape shape : {Shape::Normal, Shape::HeavyTailed, Shape::TwoHeaps})
        for (int count = 5; count <= 12; ++count)
            for (int k = 1; k <= 4; ++k) {
                const std::vector<float> values = drawn(shape, count, random);
                const double least = bruteForce(values, 0, k);
                EXPECT_NEAR(kmeans.fitExact(values, k).squaredError, least, 1e-9 * (least + 1))
                    << count << " " << k;
                EXPECT_NEAR(kmeans.fit(values, k).squaredError, least, 1e-9 * (least + 1)) << count << " " << k;
            }
}

TEST(LineKmeans, TheFastFitIsWithinHalfAPercentOfTheExactOne)
{
    Random random(2);
    LineKmeans kmeans;
    for (const Shape shape :
         {Shape::Normal, Shape::Laplace, Shape::HeavyTailed, Shape::TwoHeaps, Shape::Repeating})
        for (const int count : {192, 576, 1536})
            for (const int k : {2, 4, 8, 16})
                for (int repeat = 0; repeat < 6; ++repeat) {
                    const std::vector<float> values = drawn(shape, count, random);
                    const double least = kmeans.fitExact(values, k).squaredError;
                    const double found = kmeans.fit(values, k).squaredError;
                    EXPECT_LE(found, least * 1.005) << static_cast<int>(shape) << " " << count << " " << k;
                    EXPECT_GE(found, least * (1 - 1e-9));
                }
}

TEST(LineKmeans, CentroidsAscendAndTheErrorIsTheirs)
{
    Random random(3);
    LineKmeans kmeans;
    for (const int k : {1, 3, 8, 64, 256}) {
        const std::vector<float> values = drawn(Shape::Laplace, 700, random);
        for (const LineClusters& found : {kmeans.fit(values, k), kmeans.fitExact(values, k)}) {
            ASSERT_EQ(found.centroids.size(), static_cast<std::size_t>(k));
            EXPECT_TRUE(std::is_sorted(found.centroids.begin(), found.centroids.end()));
            EXPECT_NEAR(found.squaredError, errorTo(values, found.centroids), found.squaredError * 1e-2 + 1e-12);
        }
    }
}

TEST(LineKmeans, MoreClustersNeverCostMore)
{
    Random random(4);
    LineKmeans kmeans;
    const std::vector<float> values = drawn(Shape::HeavyTailed, 300, random);
    double before = std::numeric_limits<double>::infinity();
    for (int k = 1; k <= 32; ++k) {
        const double now = kmeans.fitExact(values, k).squaredError;
        EXPECT_LT(now, before);
        before = now;
    }
}

TEST(LineKmeans, FewDistinctValuesAreKeptAsTheyAre)
{
    LineKmeans kmeans;
    const std::vector<float> values{-2.5f, -2.5f, 0.f, 0.f, 0.f, 7.f};
    const LineClusters found = kmeans.fit(values, 4);
    EXPECT_EQ(found.centroids, (std::vector<double>{-2.5, 0, 7, 7}));
    EXPECT_EQ(found.squaredError, 0);
    EXPECT_EQ(kmeans.fit(std::vector<float>(100, 0.f), 4).centroids, std::vector<double>(4, 0.0));
    EXPECT_EQ(kmeans.fit(std::vector<float>{3.f}, 8).centroids, std::vector<double>(8, 3.0));
    EXPECT_EQ(kmeans.fit(std::vector<float>{}, 2).centroids, std::vector<double>(2, 0.0));
}

TEST(LineKmeans, AnOffsetDoesNotCostExactness)
{
    Random random(5);
    LineKmeans kmeans;
    std::vector<float> values = drawn(Shape::Normal, 400, random);
    for (float& value : values)
        value = std::round(value * 1024) / 1024; // so that the offset loses nothing
    const double before = kmeans.fit(values, 8).squaredError;
    for (float& value : values)
        value += 4096;
    EXPECT_NEAR(kmeans.fit(values, 8).squaredError, before, before * 1e-9);
}

TEST(LineKmeans, AnObjectForgetsTheValuesBefore)
{
    Random random(6);
    LineKmeans used, fresh;
    used.fit(drawn(Shape::TwoHeaps, 1000, random), 32);
    const std::vector<float> values = drawn(Shape::Normal, 300, random);
    EXPECT_EQ(used.fit(values, 8).centroids, fresh.fit(values, 8).centroids);
}

} // namespace
} // namespace eigenquant
