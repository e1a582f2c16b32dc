// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace eigenquant {

/// Clusters of numbers on a line.
struct LineClusters {
    std::vector<double> centroids; ///< ascending; [k]. With fewer than k distinct values the largest is repeated
    double squaredError = 0;       ///< Σ (value - centroid of its cluster)²
};

/// K-means of sorted numbers. A cluster is a run of them; least error is the largest Σ (sum of a run)² / its
/// length, and sums of runs follow from prefix sums. The best k runs are a longest path: the best beginning of the
/// last run rises with its end, so each layer of the path is found by divide and conquer.
///
/// fitExact() lets runs begin anywhere: k·n·log n. fit() is near-exact: it finds the best path over a few places,
/// dense where the values are, and then the best one over all values between the places around each split, again
/// as long as a split lands on the border of where it was looked for. Values that are few get the exact answer.
///
/// The object holds the buffers of a fit: have one for each thread, and use it for many columns.
class LineKmeans {
public:
    /// Clusters of ascending finite values, 1 ≤ k ≤ 256. Without values: k zeros.
    LineClusters fit(std::span<const float> ascending, int k);
    LineClusters fitExact(std::span<const float> ascending, int k);

private:
    bool hasFewValues(int k) const;
    LineClusters eachValueItself(int k) const;
    void sumUp();
    void choosePlaces(int k);
    void allPlaces();
    void lookEverywhere(int k);
    void refineSplits();
    void lookBetweenPlaces();
    void lookBetweenSplits();
    double findPath();
    void findLayer(int begin, int end, int first, int last);
    bool splitOnBorder() const;
    LineClusters clusters() const;

    std::span<const float> m_values;
    double m_center = 0;             ///< is taken off the values, so that sums of squares do not cancel
    std::vector<double> m_sums;      ///< of the first i values
    std::vector<double> m_inverses;  ///< 1 / i
    std::vector<double> m_shares;    ///< Σ √gap up to value i, by which places are spread
    std::vector<int> m_places;       ///< where runs may begin and end: rising from 0 to n
    std::vector<double> m_placeSums; ///< m_sums of the places
    std::vector<int> m_splits; ///< [k + 1], as indices of places: run c goes from m_splits[c] to m_splits[c + 1]
    std::vector<int> m_low, m_high; ///< where each split is looked for, as indices of places, both ends included
    std::vector<double> m_before;   ///< the most that runs up to each place come to, one layer back
    std::vector<double> m_after;    ///< the same in the layer being found
    std::vector<int> m_choices;     ///< the split before a split, for the range of one layer after the other
    std::ptrdiff_t m_layer = 0;     ///< where place 0 of the layer being found would lie in m_choices
};

} // namespace eigenquant
