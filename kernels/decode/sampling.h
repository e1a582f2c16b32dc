// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>

/// What the sampler and its CPU twin compute alike, bit for bit: random numbers, the order of logits, and weights as
/// integers. Sums of integers do not depend on their order, so that neither atomics nor the number of threads change
/// which token is drawn.
#ifdef __CUDACC__
#define EIGENQUANT_BOTH __host__ __device__ inline
#else
#define EIGENQUANT_BOTH inline
#endif

namespace eigenquant::kernels {

/// 64 random bits of a counter: Philox 4x32 with ten rounds (Salmon et al., SC 2011).
EIGENQUANT_BOTH std::uint64_t randomBits(std::uint64_t seed, std::uint32_t sequence, std::uint32_t position)
{
    std::uint32_t counter[4] = {position, sequence, 0, 0};
    std::uint32_t key[2] = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t first = 0xD2511F53ull * counter[0], second = 0xCD9E8D57ull * counter[2];
        const std::uint32_t mixed[4] = {static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0],
                                        static_cast<std::uint32_t>(second),
                                        static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1],
                                        static_cast<std::uint32_t>(first)};
        for (int i = 0; i < 4; ++i)
            counter[i] = mixed[i];
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
    return static_cast<std::uint64_t>(counter[1]) << 32 | counter[0];
}

/// Keys of logits that compare as unsigned integers; a NaN is below everything and is never chosen before a number.
EIGENQUANT_BOTH std::uint32_t logitKey(float logit)
{
    if (logit != logit)
        return 0;
    union {
        float number;
        std::uint32_t bits;
    } same{logit == 0 ? 0.0f : logit}; // -0 equals 0
    return same.bits & 0x80000000u ? ~same.bits : same.bits | 0x80000000u;
}

inline constexpr std::uint32_t kLeastNumberKey = 0x007fffffu; ///< of -infinity

/// The number whose key it is.
EIGENQUANT_BOTH float logitOfKey(std::uint32_t key)
{
    union {
        std::uint32_t bits;
        float number;
    } same{key & 0x80000000u ? key & 0x7fffffffu : ~key};
    return same.number;
}

/// 2^40·exp((logit - largest)/temperature), a whole number; 0 of a NaN. The exponential is spelled out, fused
/// multiply-adds included, since libraries differ in the last bit; nothing else here is a product and a sum that a
/// compiler might fuse. At most 2^40, so 2^23 of them can be added.
EIGENQUANT_BOTH std::uint64_t logitWeight(float logit, float largest, float temperature)
{
    if (logit == largest)
        return 1ull << 40;
    const float exponent = (logit - largest) / (temperature * 0.693147181f); // in base 2, ≤ 0
    if (!(exponent > -41.0f))
        return 0;
    const float whole = floorf(exponent + 0.5f), part = exponent - whole; // exact, within a half
    // 2^part by its series, to 2e-7.
    float power = 1.5403530e-4f;
    power = fmaf(power, part, 1.3333558e-3f);
    power = fmaf(power, part, 9.6181291e-3f);
    power = fmaf(power, part, 5.5504109e-2f);
    power = fmaf(power, part, 2.4022651e-1f);
    power = fmaf(power, part, 6.9314718e-1f);
    power = fmaf(power, part, 1.0f);
    return static_cast<std::uint64_t>(ldexpf(power, 40 + static_cast<int>(whole)));
}

/// A whole number below `total`, from random bits: the upper half of their product.
EIGENQUANT_BOTH std::uint64_t belowTotal(std::uint64_t bits, std::uint64_t total)
{
    const std::uint64_t low = (bits & 0xffffffffu) * (total & 0xffffffffu);
    const std::uint64_t cross = (bits >> 32) * (total & 0xffffffffu) + (low >> 32);
    const std::uint64_t other = (bits & 0xffffffffu) * (total >> 32) + (cross & 0xffffffffu);
    return (bits >> 32) * (total >> 32) + (cross >> 32) + (other >> 32);
}

/// The weight that tokens of top-p must reach together.
EIGENQUANT_BOTH std::uint64_t wantedWeight(std::uint64_t total, float topP)
{
    if (topP >= 1)
        return total;
    const double wanted = static_cast<double>(total) * static_cast<double>(topP);
    return wanted < 1 ? 1 : static_cast<std::uint64_t>(wanted);
}

} // namespace eigenquant::kernels
