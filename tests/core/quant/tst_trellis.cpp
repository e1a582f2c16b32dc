// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/trellis.h"

#include "core/base/error.h"
#include "core/quant/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {
namespace {

std::vector<float> gaussianValues(std::size_t count, std::uint64_t seed)
{
    Random random(seed);
    std::vector<float> values(count);
    for (float& value : values)
        value = static_cast<float>(random.normal());
    return values;
}

double weightedError(const TrellisCode& code, const std::vector<float>& target, const std::vector<float>& importance,
                     const std::vector<std::uint16_t>& windows)
{
    double sum = 0;
    for (std::size_t i = 0; i < target.size(); ++i)
        sum += importance[i] * std::pow(target[i] - code.levels()[windows[i]], 2);
    return sum;
}

std::vector<std::uint16_t> encode(const TrellisCode& code, const std::vector<float>& target,
                                  const std::vector<float>& importance)
{
    TrellisCode::Workspace workspace;
    std::vector<std::uint16_t> windows(target.size());
    code.encode(target, importance, windows, workspace);
    return windows;
}

class Trellis : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Widths, Trellis, testing::Range(kMinTrellisWidth, kMaxTrellisWidth + 1));

TEST_P(Trellis, WindowsOverlapAndReadBackFromTheStream)
{
    const TrellisCode& code = TrellisCode::ofWidth(GetParam());
    const std::vector<float> target = gaussianValues(101, 1);
    const auto windows = encode(code, target, std::vector<float>(target.size(), 1));
    for (std::size_t i = 1; i < windows.size(); ++i)
        EXPECT_EQ(windows[i] & ((1 << (kTrellisStateBits - GetParam())) - 1), windows[i - 1] >> GetParam());
    // From the middle of a byte on.
    std::vector<std::uint8_t> stream((5 + trellisBits(target.size(), GetParam()) + 7) / 8);
    std::uint64_t bit = 5;
    appendWindows(windows, GetParam(), stream, bit);
    EXPECT_EQ(bit, 5 + trellisBits(target.size(), GetParam()));
    for (std::size_t i = 0; i < windows.size(); ++i)
        EXPECT_EQ(windowAt(stream, 5 + i * static_cast<std::size_t>(GetParam())), windows[i]);
}

TEST_P(Trellis, HasTheDistortionThatItSays)
{
    const TrellisCode& code = TrellisCode::ofWidth(GetParam());
    const std::vector<float> target = gaussianValues(16384, 2), ones(target.size(), 1);
    const double error = weightedError(code, target, ones, encode(code, target, ones)) / 16384;
    EXPECT_NEAR(error, code.distortion(), 0.04 * code.distortion());
    // Shannon's bound is 4^-width; the best scalar quantizer of 3 bits has 0.0345.
    EXPECT_GT(error, std::pow(4, -GetParam()));
}

TEST(Trellis, FindsTheBestOfAllStreams)
{
    const TrellisCode& code = TrellisCode::ofWidth(6);
    const std::vector<float> target = gaussianValues(2, 3), importance{2, 0.5};
    double best = std::numeric_limits<double>::max();
    for (std::uint32_t stream = 0; stream < 1u << 18; ++stream)
        best = std::min(best, weightedError(code, target, importance,
                                            {static_cast<std::uint16_t>(stream & 4095),
                                             static_cast<std::uint16_t>(stream >> 6)}));
    EXPECT_NEAR(weightedError(code, target, importance, encode(code, target, importance)), best, 1e-9);
}

TEST(Trellis, ImportantValuesComeOutNearer)
{
    const TrellisCode& code = TrellisCode::ofWidth(2);
    const std::vector<float> target = gaussianValues(4096, 4);
    std::vector<float> importance(target.size(), 1), odd(target.size(), 0);
    for (std::size_t i = 1; i < target.size(); i += 2) {
        importance[i] = 20;
        odd[i] = 1;
    }
    const std::vector<float> ones(target.size(), 1);
    EXPECT_LT(weightedError(code, target, odd, encode(code, target, importance)),
              0.5 * weightedError(code, target, odd, encode(code, target, ones)));
}

TEST(Trellis, RefusesOtherWidths)
{
    EXPECT_THROW(TrellisCode::ofWidth(0), Error);
    EXPECT_THROW(TrellisCode::ofWidth(9), Error);
}

} // namespace
} // namespace eigenquant
