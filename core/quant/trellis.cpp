// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/trellis.h"

#include "core/base/error.h"
#include "core/quant/random.h"
#include "core/quant/wide_loops.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>

namespace eigenquant {
namespace {

constexpr int kLanes = 16;

int reversedBits(int window)
{
    int reversed = 0;
    for (int bit = 0; bit < kTrellisStateBits; ++bit)
        reversed |= ((window >> bit) & 1) << (kTrellisStateBits - 1 - bit);
    return reversed;
}

/// One step of Viterbi's algorithm. A window read backwards is r; the windows before it that lead to it share its
/// upper bits, its group g = r >> width, and are p·groups + g for p = 0 … 2^width - 1. `costs[r]` is the least cost of
/// arriving at r before its own error; it is brought to that of the next value. `choices[g]` becomes the predecessor
/// with the least cost after its error, `entering[g]` that cost.
template <int width>
inline __attribute__((always_inline)) void step(float* __restrict costs, const float* __restrict levels, float target,
                                                float importance, float* __restrict entering,
                                                std::int32_t* __restrict choices)
{
    constexpr int groups = kTrellisStates >> width, branches = 1 << width;
    // In pieces of one wide vector, whose best costs stay in registers.
    for (int first = 0; first < groups; first += kLanes) {
        float best[kLanes];
        std::int32_t choice[kLanes];
        for (int lane = 0; lane < kLanes; ++lane) {
            best[lane] = std::numeric_limits<float>::max();
            choice[lane] = 0;
        }
        for (int p = 0; p < branches; ++p)
            for (int lane = 0; lane < kLanes; ++lane) {
                const int r = p * groups + first + lane;
                const float difference = target - levels[r];
                const float cost = costs[r] + importance * difference * difference;
                choice[lane] = cost < best[lane] ? p : choice[lane];
                best[lane] = cost < best[lane] ? cost : best[lane];
            }
        for (int lane = 0; lane < kLanes; ++lane) {
            entering[first + lane] = best[lane];
            choices[first + lane] = choice[lane];
        }
    }
    for (int g = 0; g < groups; ++g)
        for (int b = 0; b < branches; ++b)
            costs[g * branches + b] = entering[g];
}

EIGENQUANT_WIDE void step(int width, float* costs, const float* levels, float target, float importance,
                          float* entering, std::int32_t* choices)
{
    switch (width) {
    case 1:
        return step<1>(costs, levels, target, importance, entering, choices);
    case 2:
        return step<2>(costs, levels, target, importance, entering, choices);
    case 3:
        return step<3>(costs, levels, target, importance, entering, choices);
    case 4:
        return step<4>(costs, levels, target, importance, entering, choices);
    case 5:
        return step<5>(costs, levels, target, importance, entering, choices);
    case 6:
        return step<6>(costs, levels, target, importance, entering, choices);
    case 7:
        return step<7>(costs, levels, target, importance, entering, choices);
    default:
        return step<8>(costs, levels, target, importance, entering, choices);
    }
}

/// The probability that a standard normal value is below x.
double normalCdf(double x)
{
    return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

/// The x below which a standard normal value is with probability p, by bisection: used for a table, once.
double normalQuantile(double p)
{
    double low = -9, high = 9;
    for (int step = 0; step < 60; ++step) {
        const double middle = (low + high) / 2;
        (normalCdf(middle) < p ? low : high) = middle;
    }
    return (low + high) / 2;
}

constexpr std::uint64_t kLevelSeed = 0x5eed;

/// The mean squared errors on a Gaussian of variance 1, measured on a quarter of a million values.
constexpr std::array<double, kMaxTrellisWidth + 1> kDistortion{1,        0.2736,   0.07026,  0.01817, 0.00469,
                                                               0.001225, 0.000301, 0.000125, 0.000043};

/// How far the levels are spread beyond the quantiles. Long sequences with few bits want levels as dense as the values
/// are; the more a width is like a scalar quantizer, the more they belong to the tails (Panter and Dite 1951).
constexpr std::array<double, kMaxTrellisWidth + 1> kLevelStretch{1, 1, 1.02, 1.07, 1.08, 1.12, 1.18, 1.45, 1.6};

/// The levels, by window. The `width` bits that are new in a window choose one of 2^width cells of equal probability,
/// the bits that it shares with the window before the place inside each cell and, by exclusive or, the cells' order:
/// whatever came before, the next value has a whole quantizer to choose from, and a different one each time.
std::vector<float> makeLevels(int width)
{
    const int shared = kTrellisStateBits - width, cells = 1 << width;
    Random random(kLevelSeed + static_cast<std::uint64_t>(width));
    const std::vector<int> place = shuffled(1 << shared, random);
    std::vector<float> levels;
    for (int window = 0; window < kTrellisStates; ++window) {
        const int order = place[static_cast<std::size_t>(window & ((1 << shared) - 1))];
        const int cell = (window >> shared) ^ (order & (cells - 1));
        const double inside = (order + 0.5) / (1 << shared);
        const double level = kLevelStretch[static_cast<std::size_t>(width)] * normalQuantile((cell + inside) / cells);
        levels.push_back(static_cast<float>(c10::Half(static_cast<float>(level))));
    }
    return levels;
}

} // namespace

const TrellisCode& TrellisCode::ofWidth(int width)
{
    if (width < kMinTrellisWidth || width > kMaxTrellisWidth)
        throw Error::usage("no trellis code of this width").found(std::to_string(width)).expected("1 to 8 bits");
    static std::array<std::once_flag, kMaxTrellisWidth + 1> once;
    static std::array<std::unique_ptr<const TrellisCode>, kMaxTrellisWidth + 1> codes;
    const auto index = static_cast<std::size_t>(width);
    std::call_once(once[index], [&] { codes[index].reset(new TrellisCode(width)); });
    return *codes[index];
}

TrellisCode::TrellisCode(int width)
    : m_width(width), m_levels(makeLevels(width)), m_reversedLevels(m_levels.size()),
      m_distortion(kDistortion[static_cast<std::size_t>(width)])
{
    for (int window = 0; window < kTrellisStates; ++window)
        m_reversedLevels[static_cast<std::size_t>(reversedBits(window))] = m_levels[static_cast<std::size_t>(window)];
}

void TrellisCode::encode(std::span<const float> target, std::span<const float> importance,
                         std::span<std::uint16_t> windows, Workspace& workspace) const
{
    const auto groups = static_cast<std::size_t>(kTrellisStates >> m_width);
    const std::size_t count = target.size();
    workspace.costs.assign(kTrellisStates, 0);
    workspace.entering.resize(groups);
    workspace.best.resize(groups);
    workspace.choices.resize(groups * count);
    for (std::size_t i = 0; i < count; ++i) {
        step(m_width, workspace.costs.data(), m_reversedLevels.data(), target[i], importance[i],
             workspace.entering.data(), workspace.best.data());
        std::copy(workspace.best.begin(), workspace.best.end(),
                  workspace.choices.begin() + static_cast<std::ptrdiff_t>(i * groups));
    }
    const auto& entering = workspace.entering;
    auto group = static_cast<std::size_t>(std::min_element(entering.begin(), entering.end()) - entering.begin());
    for (std::size_t i = count; i-- > 0;) {
        const std::size_t reversed = workspace.choices[i * groups + group] * groups + group;
        windows[i] = static_cast<std::uint16_t>(reversedBits(static_cast<int>(reversed)));
        group = reversed >> m_width;
    }
}

void appendWindows(std::span<const std::uint16_t> windows, int width, std::span<std::uint8_t> stream,
                   std::uint64_t& bit)
{
    const auto append = [&](std::uint32_t value, int count) {
        for (int i = 0; i < count; ++i, ++bit)
            stream[bit / 8] = static_cast<std::uint8_t>(stream[bit / 8] | ((value >> i) & 1) << (bit % 8));
    };
    append(windows.front(), kTrellisStateBits);
    for (const std::uint16_t window : windows.subspan(1))
        append(static_cast<std::uint32_t>(window >> (kTrellisStateBits - width)), width);
}

} // namespace eigenquant
