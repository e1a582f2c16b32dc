// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace eigenquant {

/// Names inside a STATS file; see statistics_file.h.
inline constexpr const char* kStatisticsFormat = "eigenquant-statistics";
inline constexpr int kStatisticsVersion = 1;

inline std::string statisticsName(SiteId id, const std::string& part)
{
    return id.name() + "." + part;
}
inline std::string statisticsName(LinearId id, Basis basis, const std::string& part)
{
    return id.name() + "." + std::string(name(basis)) + "." + part;
}
inline std::string fisherName(LinearId id)
{
    return id.name() + ".output_fisher";
}
/// Values on and above the diagonal.
inline std::int64_t triangleSize(std::int64_t channels)
{
    return channels * (channels + 1) / 2;
}

/// The symmetric matrix, float64 [channels, channels], of its upper triangle.
at::Tensor momentOfTriangle(const std::vector<double>& triangle, std::int64_t channels, c10::Device device = c10::kCPU);

} // namespace eigenquant
