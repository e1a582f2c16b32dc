// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace eigenquant {

/// A small deterministic generator (SplitMix64), the same on every platform and library version, so that a
/// seed names one result for ever.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    /// A stream of its own for each purpose and site, so that settings of one site do not move another's.
    Random(std::uint64_t seed, SiteId site, std::uint64_t purpose);

    std::uint64_t next();
    /// Uniform in [0, bound).
    std::uint64_t below(std::uint64_t bound);
    /// Uniform in (0, 1].
    double uniform();
    /// Normal with mean 0 and variance 1.
    double normal();

private:
    std::uint64_t m_state;
};

/// 0..count-1 in random order.
std::vector<int> shuffled(int count, Random& random);

/// A random orthogonal matrix, uniform over all of them, float64 [size, size]. It is factorized on the device,
/// from numbers that do not depend on it.
at::Tensor randomOrthogonal(std::int64_t size, Random& random, c10::Device device = c10::kCPU);

} // namespace eigenquant
