// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/decode/decode_kernels_cpu.h"

#include <cmath>
#include <vector>

namespace eigenquant::kernels {
namespace {

/// values·H of the Sylvester matrix of a power of two.
void butterflies(float* values, int power)
{
    for (int half = 1; half < power; half *= 2)
        for (int begin = 0; begin < power; begin += 2 * half)
            for (int i = begin; i < begin + half; ++i) {
                const float low = values[i], high = values[i + half];
                values[i] = low + high;
                values[i + half] = low - high;
            }
}

} // namespace

void hadamardCpu(const HadamardParams& params)
{
    const int order = params.denseOrder, power = params.width / order;
    const float scale = 1.0f / std::sqrt(static_cast<float>(power));
    std::vector<float> x(static_cast<std::size_t>(params.width)), row(static_cast<std::size_t>(power));
    for (int token = 0; token < params.tokens; ++token) {
        const auto* in = static_cast<const std::uint16_t*>(params.in) + token * params.inStride;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const float value = fromElement(in[i], params.element);
            x[i] = params.signs[i / 8] >> (i % 8) & 1 ? -value : value;
        }
        std::vector<std::uint16_t> result;
        for (int b = 0; b < order; ++b) {
            for (int i = 0; i < power; ++i) {
                float sum = 0;
                for (int a = 0; a < order; ++a)
                    sum += (params.factor ? params.factor[a * order + b] : 1.0f) *
                           x[static_cast<std::size_t>(a * power + i)];
                row[static_cast<std::size_t>(i)] = sum;
            }
            butterflies(row.data(), power);
            for (const float value : row)
                result.push_back(toElement(value * scale, params.element));
        }
        auto* out = static_cast<std::uint16_t*>(params.out) + token * params.outStride;
        for (std::size_t j = 0; j < result.size(); ++j)
            out[j] = result[params.order ? static_cast<std::size_t>(params.order[j]) : j];
    }
}

} // namespace eigenquant::kernels
